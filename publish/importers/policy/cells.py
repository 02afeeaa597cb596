"""Tables that a copy holds one cell a line, or one row a line, with `|` between."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from publish.importers.policy import forms
from publish.importers.policy.lines import Kind, Line, Rows, joined

_RULE = re.compile(r"[|｜]?(?:\s?:?-{2,}:?\s?[|｜]?)+|[|｜\s]*[+-]{3,}[-+|\s]*")
_FEWEST_CELLS = 4
_MOST_COLUMNS = 20
_HEAD = re.compile(
    r"[\u4e00-\u9fff（）()/、]{0,8}(?:单位|單位|部门|部門|时限|時限|时间|時間|内容|內容|任务|任務|事项|事項|名称|名稱|备注|備註|措施|依据|依據|目标|目標|阶段|階段|类别|類別|"
    r"序号|序號|项目|項目|要求|标准|標準|指标|指標|分工|工作|领域|領域|方式|主体|主體)"
)
_UNIT = re.compile(r"[局委办辦府行院厅廳部会會位门門构構司等区區县縣心室站所处處组組队隊校企]$")
_SERIAL = re.compile(r"序\s?[号號]|编号|編號")


def rebuild_tables(lines: Sequence[Line]) -> list[Line]:
    """Lines with runs of `|` lines made tables. A run whose columns cannot be counted
    stays and is unsure."""
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
        and (line.text[0] in "|｜" or line.text[-1] in "|｜" or _columns(line.text) > 1)
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
        elif lines[at].rows or end == start or (lines[at].kept and _apart(lines[at])):
            break
        at += 1
    cells = sum(_columns(line.text) for line in lines[start:end])
    return end if end - start > 1 and cells >= _FEWEST_CELLS else start


def _apart(line: Line) -> bool:
    """Whether a line cannot be the rest of a cell."""
    return forms.structural(line.text) or forms.is_title(line.text) or forms.alone(line.text) or len(line.text) > 200


def _table(run: list[Line]) -> list[Line]:
    """The run as one table, its lines of markup included; else its lines, unsure."""
    kept = [line for line in run if line.kept]
    bars = [line for line in kept if not _RULE.fullmatch(line.text)]
    many = sum(_columns(line.text) > 1 for line in bars)
    rows = _by_lines(bars) if 2 * many > len(bars) else _by_cells(kept)
    if rows is None:
        note = "cells of a table whose columns cannot be counted"
        return [line.changed(Kind.UNSURE, note=note) if line.kept else line for line in run]
    whole = joined(run, " ".join(" ".join(row) for row in rows), Kind.REPAIRED, "a table with bars")
    return [replace(whole, rows=rows)]


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
        rule = _RULE.fullmatch(line.text) is not None
        texts = [""] if rule else _cells(line.text)
        if not begins and cells:
            cells[-1] = (cells[-1][0] + texts[0], cells[-1][1], False)
            texts = texts[1:]
        cells += [(text, line.gap and not at, rule or not text) for at, text in enumerate(texts)]
        open_cell = not leading and line.text[-1] not in "|｜"
    return (
        _even(_split(cells, lambda cell: cell[2], drop=True))
        or _serial(cells)
        or _even(_split(cells, lambda cell: cell[1]))
        or _by_heads(cells)
    )


def _split(
    cells: list[tuple[str, bool, bool]], begins: Callable[[tuple[str, bool, bool]], bool], drop: bool = False
) -> list[list[str]]:
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


def _by_heads(cells: list[tuple[str, bool, bool]]) -> Rows | None:
    """Usual column heads at the beginning tell how many columns there are, if units then stand under 单位 and 部门."""
    texts = [text for text, _, _ in cells if text and not _RULE.fullmatch(text)]
    width = next((at for at, text in enumerate(texts) if not _HEAD.fullmatch(text)), 0)
    if not 1 < width <= _MOST_COLUMNS or len(texts) % width:
        return None
    rows = [texts[at : at + width] for at in range(0, len(texts), width)]
    offices = [at for at, head in enumerate(rows[0]) if head.endswith(("单位", "單位", "部门", "部門"))]
    under = [row[at] for at in offices for row in rows[1:]]
    fits = sum(bool(_UNIT.search(text)) for text in under) * 10 >= len(under) * 8
    return tuple(tuple(row) for row in rows) if under and fits else None


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
