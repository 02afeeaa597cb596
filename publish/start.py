"""Where the program begins and ends: what must be so before Polars is imported, and an end that tidies nothing up."""

import atexit
import gc
import os
import sys
import threading

# Freed memory is given back after five seconds instead of half a one: large tables are made one after the other, and
# each page that was given back is taken anew. Read when Polars is loaded, and never after that.
_ALLOCATOR, _SETTING = "_RJEM_MALLOC_CONF", "dirty_decay_ms:5000,muzzy_decay_ms:0"
# Of what they have from the C library (NumPy, bytes) workers free and take some MB again and again. What they free
# stays theirs for so long as it is below these sizes, since each page that was given back is taken anew. Read when a
# process begins.
_WORKERS = {"MALLOC_TRIM_THRESHOLD_": str(1 << 27), "MALLOC_MMAP_THRESHOLD_": str(1 << 25)}


def main() -> None:
    """The command line, in a process of its own, which ends with it."""
    is_free = _ALLOCATOR not in os.environ
    if is_free:
        os.environ[_ALLOCATOR] = _SETTING
    gc.disable()  # of all that importing makes next to nothing can go
    from publish.cli import main as command  # here, for the reason above; and since workers read what calls this

    gc.freeze()  # nor be looked through each time
    gc.enable()
    if is_free:
        del os.environ[_ALLOCATOR]  # workers have Polars' own setting: each would keep as much
    for name, value in _WORKERS.items():
        os.environ.setdefault(name, value)
    try:
        command()
    except SystemExit as ended:
        _end(ended)


def _end(ended: SystemExit) -> None:
    """End this process as Python would, but without taking tables of a million rows apart: the system has all memory
    at once. First threads, then what is to be done at exit; Python itself ends where somebody else watches."""
    if not isinstance(ended.code, int) or sys.getprofile() or sys.gettrace():
        raise ended
    threading._shutdown()  # type: ignore[attr-defined]  # executors end their workers there, before all else
    atexit._run_exitfuncs()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: it was closed before we began
        try:
            stream.flush()
        except (OSError, ValueError):
            raise ended from None  # Python tells of it as of any
    os._exit(ended.code)
