"""A file whose lines are those of another but for their end is compared with that one."""

from collections.abc import Sequence
from contextlib import ExitStack
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.model.artifact import CellPlace, LineFile
from publish.release import data_views
from publish.release.data_twins import as_known
from publish.release.data_views import LineView

PLACES = (CellPlace("0", "", "", ""),)
LINES = [b"a", b"b,", b",", b"", b"a\nb", b"\n", b"long" * 20, b"a,\nb"]
line = st.sampled_from(LINES)


def view_of(lines: Sequence[bytes], path: Path, head: bytes, stack: ExitStack) -> LineView:
    path.write_bytes(head + b"".join(lines))
    bounds = np.cumsum([len(head), *map(len, lines)])
    return LineView(stack.enter_context(FileIO(path)), bounds, None)


@given(
    rows=st.lists(st.tuples(line, line, st.sampled_from([b"\n", b"", b";"]), st.sampled_from([b",\n", b"\n", b",,"]))),
    begin=st.integers(0, 5),
    wanted=st.data(),
    block=st.sampled_from([1, 7, 1 << 17]),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_are_the_same_but_for_their_end(
    rows: list[tuple[bytes, bytes, bytes, bytes]],
    begin: int,
    wanted: st.DataObject,
    block: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Never a row that is not; and each that is, where no line among them has an end within."""
    folder = tmp_path_factory.mktemp("twins")
    begin = min(begin, len(rows))
    # Mostly the same line in both, as it should be.
    base = [text + end for text, _, end, _ in rows]
    own = [(text if number % 3 else other) + end for number, (text, other, _, end) in enumerate(rows)]
    chosen = np.array([wanted.draw(st.booleans()) for _ in rows[begin:]], np.bool_)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(data_views, "_BLOCK", block)
        other = view_of(base, folder / "base", b"", stack)
        same = view_of(own, folder / "own", b"[\n", stack).as_other(b",\n", other, b"\n", begin, chosen)
    expected = [
        bool(flag) and theirs.endswith(b"\n") and mine == theirs[:-1] + b",\n"
        for flag, mine, theirs in zip(chosen, own[begin:], base[begin:], strict=True)
    ]
    assert not (same & ~np.array(expected, np.bool_)).any()
    if block == 1:  # each line by itself
        one = np.array([b"\n" not in text[:-1] for text in base[begin:]], np.bool_)
        assert same[one].tolist() == np.array(expected, np.bool_)[one].tolist()
    if all(expected) and not any(b"\n" in text[:-1] for text in base):
        assert same.all()


def test_whose_lines_are_not_those_of_another_is_compared_with_its_own(tmp_path: Path) -> None:
    lines = [b"a", b"b", b"c"]
    lengths = tmp_path / "set.ndjson.lengths.npy"
    told = {"n": LineFile(PLACES, "\n", 0, lengths), "j": LineFile(PLACES, ",\n", 0, lengths, 1)}
    known = np.array([0, 1, -1])
    with ExitStack() as stack:
        one, many = (
            view_of([text + end for text in lines], tmp_path / end.hex(), b"", stack) for end in (b"\n", b",\n")
        )
        live = LineView(one._stream, one._bounds, (stack.enter_context(FileIO(tmp_path / "0a")), one._bounds))
        same = as_known({"j": many, "n": live}, told, 0, known)
        assert {path: flags.tolist() for path, flags in same.items()} == {key: [True, True, False] for key in "nj"}
        alone = as_known({"j": many}, told, 0, known)
        assert alone["j"].tolist() == [False] * 3, "there is no live file to compare with"
        others = told | {"n": LineFile((CellPlace("1", "", "", ""),), "\n", 0, lengths)}
        assert as_known({"j": many, "n": live}, others, 0, known)["j"].tolist() == [False] * 3
