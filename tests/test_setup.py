"""The set-up: locks, Makefile, set-up script and `.ci/run`.

Cheap checks only: the whole is proved by running it on a bare machine (docs/decisions/0001-setup.md).
"""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"site": "requirements.lock", "dev": "requirements-dev.lock", "build": "requirements-build.lock"}
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*])?==(?P<version>[^\s;\\]+)")

# A bracket around one letter keeps each pattern from finding itself here.
FORBIDDEN = {
    "a folder of some machine": r"(?<![\w./:*-])/(?:wor[k]|op[t])/",
    "an option that names a package index": r"--(?:extra-)?inde[x]-url|--find-link[s]|--trusted-hos[t]",
    "the host of a registry": r"\bpyp[i]\.org|pythonhoste[d]\.org|deb\.debia[n]\.org|registry\.npmj[s]|proxy\.golan[g]",
}


def blocks(lock: str) -> list[str]:
    """One piece of text a locked package: the pin, its hashes and who asked for it."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return [block for block in re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE) if not re.match(r"\s*(#|$)", block)]


def pinned(lock: str) -> dict[str, str]:
    """Versions by canonical package name, from a lock made by pip-compile."""
    found = (PINNED.match(block) for block in blocks(lock))
    return {canonicalize_name(match["name"]): match["version"] for match in found if match}


def wanted(kind: str) -> list[Requirement]:
    """What pyproject.toml asks for, by kind of environment."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    names = {
        "site": project["dependencies"],
        "dev": project["dependencies"] + project["optional-dependencies"]["dev"],
        "build": pyproject["build-system"]["requires"],
    }
    return [Requirement(line) for line in names[kind]]


def tracked() -> list[Path]:
    """Text files under version control."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_holds_what_pyproject_asks_for(kind: str) -> None:
    versions = pinned(LOCKS[kind])
    for requirement in wanted(kind):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is missing in {LOCKS[kind]}: lock again"
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} is locked as {version}"


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_holds_nothing_that_nobody_asks_for(kind: str) -> None:
    asked = {canonicalize_name(requirement.name) for requirement in wanted(kind)}
    for block in blocks(LOCKS[kind]):
        match = PINNED.match(block)
        if match and "gongshi" in block:
            assert canonicalize_name(match["name"]) in asked, f"{match['name']} left pyproject.toml: lock again"


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_locked_package_has_hashes(lock: str) -> None:
    assert blocks(lock)
    for block in blocks(lock):
        assert PINNED.match(block), f"{lock}: not a pinned package: {block.splitlines()[0]}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), f"{lock}: no hash: {block.splitlines()[0]}"


def test_tests_run_on_the_versions_that_build_the_site() -> None:
    site, dev = pinned(LOCKS["site"]), pinned(LOCKS["dev"])
    assert {name: dev.get(name) for name in site} == site


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    files = tracked()
    assert len(files) > 10
    hits = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not hits, f"{what} stands in {hits}"


def test_the_forbidden_patterns_find_what_they_are_for() -> None:
    samples = [
        "cd /" + "work/main",
        "pip install --" + "index-url x",
        "http://deb." + "debian.org/x",
    ]
    for pattern, sample in zip(FORBIDDEN.values(), samples, strict=True):
        assert re.search(pattern, sample)


def test_make_help_lists_every_target_for_people() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, re.MULTILINE))
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert targets == phony
    assert set(re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE)) == targets
    assert {"site", "test", "bench", "serve", "clean"} <= targets


@pytest.mark.parametrize(("script", "shell"), [("setup/environment.sh", "sh"), (".ci/run", "bash")])
def test_a_script_is_executable_and_parses(script: str, shell: str) -> None:
    path = ROOT / script
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!")
    assert subprocess.run([shell, "-n", str(path)], check=False).returncode == 0


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout whose path holds a space and Chinese, on a machine that has only the commands put into bin/."""
    checkout = tmp_path / "公示 检出"
    (checkout / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "setup/environment.sh", checkout / "setup")
    for lock in LOCKS.values():
        (checkout / lock).write_text(lock, encoding="utf-8")
    commands = checkout / "bin"
    commands.mkdir()
    for name in ("sh", "dirname", "sha256sum", "cut", "cat", "mkdir", "rm", "grep", "find"):
        (commands / name).symlink_to(str(shutil.which(name)))
    put(checkout, "id", "echo 1000")
    return checkout


def put(checkout: Path, name: str, script: str) -> None:
    command = checkout / "bin" / name
    command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    command.chmod(0o755)


def set_up(checkout: Path, kind: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "setup/environment.sh", kind],
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_refused(machine: Path) -> None:
    put(machine, "python3", "exit 1")
    outcome = set_up(machine, "site")
    assert outcome.returncode == 1
    assert "Python 3.11 or newer is needed" in outcome.stderr


def test_without_pip_and_without_rights_it_says_what_to_ask_for(machine: Path) -> None:
    put(machine, "python3", 'case "$*" in *version_info*|-VV) exit 0 ;; *) exit 1 ;; esac')
    outcome = set_up(machine, "site")
    assert outcome.returncode == 1
    assert "apt-get install python3-venv" in outcome.stderr
    assert set_up(machine, "site").returncode == 1, "an unfinished environment must not count as made"


def test_an_environment_of_somebody_else_is_left_alone(machine: Path) -> None:
    put(machine, "python3", "exit 0")
    (machine / ".venv").mkdir()
    (machine / ".venv/precious").touch()
    outcome = set_up(machine, "site")
    assert outcome.returncode == 1
    assert "not made by make" in outcome.stderr
    assert (machine / ".venv/precious").exists()


def test_without_chromium_and_without_rights_it_says_what_to_ask_for(machine: Path) -> None:
    put(machine, "fc-list", "exit 0")
    outcome = set_up(machine, "browser")
    assert outcome.returncode == 1
    assert "apt-get install chromium libatomic1 fonts-noto-cjk" in outcome.stderr


def test_a_chromium_that_nothing_can_drive_is_told(machine: Path) -> None:
    put(machine, "chromium", "exit 0")
    put(machine, "fc-list", "echo Noto Sans CJK SC")
    outcome = set_up(machine, "browser")
    assert outcome.returncode == 1
    assert outcome.stderr.count("apt-get install libatomic1\n") == 1
    driver = machine / ".venv/lib/python3.11/site-packages/playwright/driver"
    driver.mkdir(parents=True)
    (driver / "node").symlink_to(machine / "bin/chromium")
    assert set_up(machine, "browser").returncode == 0


def test_an_environment_is_made_once_and_again_when_a_lock_changes(machine: Path) -> None:
    # The python of this machine makes an environment whose own python writes down what pip was asked for.
    put(
        machine,
        "python3",
        'case "$*" in "-m venv .venv") mkdir -p .venv/bin; echo made >>log;'
        " printf '#!/bin/sh\\necho \"$*\" >>log\\n' >.venv/bin/python; /bin/chmod +x .venv/bin/python ;; esac",
    )
    log = machine / "log"
    assert set_up(machine, "site").returncode == 0
    first = log.read_text(encoding="utf-8")
    assert "--require-hashes --only-binary :all: -r requirements-build.lock -r requirements.lock" in first
    assert set_up(machine, "site").stdout == ""
    assert log.read_text(encoding="utf-8") == first

    assert set_up(machine, "test").returncode == 0
    assert "-r requirements-dev.lock" in log.read_text(encoding="utf-8")
    assert log.read_text(encoding="utf-8").count("made") == 1, "the packages for tests are added to those for the site"
    assert set_up(machine, "site").stdout == "", "an environment for tests is good for the site"

    (machine / "requirements.lock").write_text("changed", encoding="utf-8")
    assert set_up(machine, "site").returncode == 0
    assert log.read_text(encoding="utf-8").count("made") == 2
