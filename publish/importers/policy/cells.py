"""Tables that a copy holds one cell a line, or one row a line, with `|` between."""

import re
from collections.abc import Sequence

from publish.importers.policy.lines import Kind, Line, Rows, joined

_RULE = re.compile(r"[|｜]?(?:\s?:?-{2,}:?\s?[|｜]?)+|[|｜\s]*[+-]{3,}[-+|\s]*")
_FEWEST_CELLS = 4
_MOST_COLUMNS = 20
_SERIAL = re.compile(r"序\s?[号號]|编号|編號")


def rebuild_tables(lines: Sequence[Line]) -> list[Line]:
    """Lines with runs of `|` lines made tables. A run whose columns cannot be counted for certain stays and is unsure."""
    done: list[Line] = []
    at = 0
    while at < len(lines):
        end = _run_end(lines, at)
        if end == at:
            done.append(lines[at])
            at += 1
            continue
        done += _table(list(lines[at:end]))
        at = end
    return done


def _is_cell(line: Line) -> bool:
    return (
        line.kept
        and not line.rows
        and line.text[:1] + line.text[-1:] != ""
        and (line.text[0] in "|｜" or line.text[-1] in "|｜" or _columns(line.text) > 2)
    )


def _columns(text: str) -> int:
    return len(_cells(text))


def _cells(text: str) -> list[str]:
    """The cells of a row; the bars at its ends are not between cells."""
    parts = [part.strip() for part in re.split(r"[|｜]", text)]
    if len(parts) > 1 and not parts[0]:
        parts = parts[1:]
    return parts[:-1] if len(parts) > 1 and not parts[-1] else parts


def _run_end(lines: Sequence[Line], start: int) -> int:
    """Where a run of cell lines ends that starts here; a line without a bar between two with one belongs to a cell."""
    at = end = start
    while at < len(lines) and at - end < 3:
        if _is_cell(lines[at]):
            end = at + 1
        elif not lines[at].kept or lines[at].rows or end == start:
            break
        at += 1
    cells = sum(_columns(line.text) for line in lines[start:end])
    return end if end - start > 1 and cells >= _FEWEST_CELLS else start


def _table(run: list[Line]) -> list[Line]:
    bars = [line for line in run if not _RULE.fullmatch(line.text)]
    many = sum(_columns(line.text) > 1 for line in bars)
    rows = _by_lines(bars) if 2 * many > len(bars) else _by_cells(run)
    if rows is None:
        return [line.changed(Kind.UNSURE, note="cells of a table whose columns cannot be counted") for line in run]
    whole = joined(run, " ".join(" ".join(row) for row in rows), Kind.REPAIRED, "a table with bars")
    return [Line(whole.first, whole.last, whole.raw, whole.text, whole.gap, rows, whole.kinds, whole.notes)]


def _by_lines(run: list[Line]) -> Rows | None:
    rows: list[list[str]] = []
    for line in run:
        if _is_cell(line) or not rows:
            rows.append(_cells(line.text))
        else:
            rows[-1][-1] += line.text
    width = max(len(row) for row in rows)
    return tuple(tuple(row) for row in rows) if width > 1 and all(len(row) in (1, width) for row in rows) else None


def _by_cells(run: list[Line]) -> Rows | None:
    """Rows of a run with one cell a line: told by separators, by a serial number, or by blank lines; else None."""
    leading = sum(line.text[0] in "|｜" for line in run) * 2 > len(run)
    cells: list[tuple[str, bool, bool]] = []  # text, whether a blank line stands before it, whether it is a separator
    open_cell = False
    for line in run:
        begins = line.text[0] in "|｜" if leading else not open_cell
        text = line.text.strip("|｜ ")
        if begins or not cells:
            cells.append((text, line.gap, bool(_RULE.fullmatch(line.text)) or not text))
        else:
            cells[-1] = (cells[-1][0] + text, cells[-1][1], False)
        open_cell = not leading and line.text[-1] not in "|｜"
    return (
        _even(_split(cells, lambda cell: cell[2], drop=True))
        or _serial(cells)
        or _even(_split(cells, lambda cell: cell[1]))
    )


def _split(cells: list[tuple[str, bool, bool]], begins, drop: bool = False) -> list[list[str]]:  # type: ignore[no-untyped-def]
    rows: list[list[str]] = [[]]
    for cell in cells:
        if begins(cell):
            rows.append([])
            if drop:
                continue
        rows[-1].append(cell[0])
    return [row for row in rows if row]


def _even(rows: list[list[str]]) -> Rows | None:
    fits = len(rows) > 1 and 1 < len(rows[0]) <= _MOST_COLUMNS and all(len(row) == len(rows[0]) for row in rows)
    return tuple(tuple(row) for row in rows) if fits else None


def _serial(cells: list[tuple[str, bool, bool]]) -> Rows | None:
    """A first column of 序号 and 1, 2, 3, ... tells how many columns there are."""
    texts = [text for text, _, _ in cells if not _RULE.fullmatch(text or "x")]
    if not _SERIAL.fullmatch(texts[0]):
        texts = [text for text in texts if text]
        if not texts or not _SERIAL.fullmatch(texts[0]):
            return None
    if "1" not in texts:
        return None
    width = texts.index("1")
    if not 1 < width <= _MOST_COLUMNS or len(texts) % width:
        return None
    rows = [texts[at : at + width] for at in range(0, len(texts), width)]
    right = all(row[0] in (str(number), "") for number, row in enumerate(rows[1:], 1))
    return tuple(tuple(row) for row in rows) if right else None
