"""Where the program begins and ends: exit codes, what was printed, and the setting that Polars reads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[1] / "build.py"
MEMORY = "_RJEM_MALLOC_CONF"
# Before another program: with nothing of the command line but what it puts there. To load all of it takes most of the
# time, so that each test does it once.
LIGHT = """
import sys, types
sys.modules["publish.cli"] = types.ModuleType("publish.cli")
"""
# The program with a command in place of its own, as cli.main is called.
PROGRAM = """
import atexit, os, sys
from publish import cli, start
atexit.register(print, "at exit")
def command():
    print("printed", os.environ.get("_RJEM_MALLOC_CONF"))
    {end}
cli.main = command
start.main()
"""


def ended(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["nonsense"], 2)])
def test_the_exit_code_is_that_of_the_command(arguments: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, BUILD, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("version" in done.stdout) == (code == 0)
    assert ("No such command" in done.stderr) == (code == 2)


@pytest.mark.parametrize(
    ("end", "code", "light"),
    [
        ("sys.exit(3)", 3, False),
        ("sys.exit(0)", 0, True),
        ("sys.exit()", 0, True),
        ("sys.exit('why')", 1, True),
        ("raise KeyError('why')", 1, False),
    ],
)
def test_what_was_printed_and_what_is_due_at_exit_is_not_lost(end: str, code: int, light: bool) -> None:
    done = ended((LIGHT if light else "") + PROGRAM.format(end=end))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, "at exit")
    assert done.stdout.startswith("printed ")
    assert ("why" in done.stderr) == ("why" in end)


@pytest.mark.parametrize("own", [None, "dirty_decay_ms:123"])
def test_polars_is_told_to_keep_memory_for_a_while_and_workers_are_not(own: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != MEMORY}
    told = """
import os, sys
from publish import start
class Command:
    def find_spec(self, name, path, target=None):
        if name == "publish.cli":
            print(os.environ["_RJEM_MALLOC_CONF"])
sys.meta_path.insert(0, Command())
sys.argv = ["gongshi", "--version"]
import atexit
atexit.register(lambda: print(os.environ.get("_RJEM_MALLOC_CONF")))
assert "polars" not in sys.modules
start.main()
"""
    environment |= {} if own is None else {MEMORY: own}
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, env=environment)
    before, *_, after = done.stdout.splitlines()
    if own is None:
        assert (before, after) == ("dirty_decay_ms:5000,muzzy_decay_ms:0", "None")
    else:
        assert before == own
        assert after.endswith(own)


def test_garbage_is_collected_but_for_what_was_imported() -> None:
    done = ended(LIGHT + PROGRAM.format(end="import gc; print(gc.isenabled(), gc.get_freeze_count() > 0); sys.exit(0)"))
    assert done.stdout.splitlines()[1] == "True True"


@pytest.mark.parametrize("own", [None, "4096"])
def test_workers_are_told_to_keep_some_memory(own: str | None) -> None:
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {} if own is None else {names[0]: own}
    told = LIGHT + PROGRAM.format(end=f"print(*map(os.environ.get, {names!r})); sys.exit(0)")
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[1] == f"{own or 1 << 27} {1 << 25}"


@pytest.mark.parametrize(("closed", "light"), [(">&-", True), ("2>&-", True), (">&- 2>&-", False)])
def test_a_command_whose_output_is_closed_ends_well(closed: str, light: bool) -> None:
    program = "from publish import cli, start; import sys; cli.main = lambda: sys.exit(0); start.main()"
    command = ["/bin/sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, (LIGHT if light else "") + program]
    done = subprocess.run(command, check=False)
    assert done.returncode == 0


def test_workers_that_nobody_has_ended_end(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from publish import cli, start\n"
        "def command():\n"
        "    pool = ProcessPoolExecutor(1)\n"
        "    print(pool.submit(abs, -7).result(), flush=True)\n"
        "    sys.exit(0)\n"
        "if __name__ == '__main__':\n"
        "    cli.main = command\n"
        "    start.main()\n"
    )
    done = subprocess.run(
        [sys.executable, program],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=BUILD.parent,
        env={**os.environ, "PYTHONPATH": str(BUILD.parent)},
    )
    assert (done.returncode, done.stdout) == (0, "7\n")


def test_a_profiler_has_its_end() -> None:
    told = [sys.executable, "-m", "cProfile", str(BUILD), "--version"]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "function calls" in done.stdout
