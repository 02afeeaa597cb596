"""Golden imports of real copies, read by hand: tests/golden/policies/."""

from pathlib import Path

import pytest

from publish.importers.policy.cleaning import clean
from publish.importers.policy.importing import import_policies
from publish.importers.policy.reading import read_copy
from tests.importers.policy.account import assert_accounted, squeezed

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "policies"
FILES = {
    "000_085d57c061feaec5.txt": ["2015-2-06dfdad1", "2015-2-06dfdad1-annex"],
    "001_c38e8cd30e00964f.txt": ["2021-17-3fb9e5bf", "2021-17-3fb9e5bf-annex"],
    "004_45551e19d29f385e.txt": ["doc-c73b42ef"],
}


def test_each_is_imported_as_it_was_read(policy_inputs: Path, tmp_path: Path) -> None:
    sources = [policy_inputs / name for name in FILES]
    done = import_policies(sources, tmp_path / "content", tmp_path / "report", strict=True)
    assert [[file.stem for file in one.files] for one in done] == list(FILES.values())
    for file in (file for one in done for file in one.files):
        assert file.read_text(encoding="utf-8") == (GOLDEN / file.name).read_text(encoding="utf-8"), file.name


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_accounted_for(policy_inputs: Path, name: str) -> None:
    copy = read_copy(policy_inputs / name)
    documents = clean(copy)
    assert_accounted(copy, documents)
    lost = [line.raw.strip() for document in documents for line in document.lines if not line.kept]
    # All that is left out of the three is the shell of one page.
    assert len(lost) == (16 if name.startswith("001") else 0)
    assert all(len(squeezed(line)) < 110 for line in lost)


@pytest.mark.parametrize("name", FILES)
def test_in_gb18030_it_is_the_same(policy_inputs: Path, tmp_path: Path, name: str) -> None:
    text = (policy_inputs / name).read_text(encoding="utf-8")
    other = tmp_path / name
    other.write_bytes(text.encode("gb18030"))
    assert [d.head for d in clean(read_copy(other))] == [d.head for d in clean(read_copy(policy_inputs / name))]
