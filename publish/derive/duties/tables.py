"""Tables of tasks: rows whose columns are headed 牵头单位, 配合单位, 责任单位."""

import html
import re
from collections.abc import Iterator, Sequence

from publish.derive.duties.reading import Convention, read_clause
from publish.derive.duties.splitting import half_width
from publish.derive.duties.words import OWN_LABEL, label_share
from publish.model.responsibility import Clause, Share

_TASK = re.compile(r".*(?:任务|工作|事项|内容|措施|重点|项目|指标|举措|目标|要求|分工|名称)")
_NUMBER = re.compile(r"序号|编号|No\.?|#")
_TABLE = re.compile(r"<table[\s>].*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr[\s>].*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t([hd])([^>]*)>(.*?)</t\1>", re.DOTALL)
_SPAN = re.compile(r'\b(col|row)span="(\d{1,3})"')
_HEADS = 3
_LABELLED = re.compile(rf"\s*(?:{OWN_LABEL.pattern}):")
_BLANK = re.compile(r"[\s\-—–/无]*")


def table_clauses(rows: Sequence[Sequence[str]], convention: Convention) -> Iterator[tuple[str, Clause]]:
    """(task, clause) for each row below a head with columns for units; a clause of a table has no place (0, 0).

    `rows` are cells of one table; its head may stand below a title or two. A blank cell has the units of none. Cells
    that say themselves what their units do (牵头单位：…；配合单位：…) need no such head.
    """
    heads = [[_label(cell) for cell in row] for row in rows[:_HEADS]]
    head = next((at for at, row in enumerate(heads) if any(map(_is_share, row))), None)
    labelled = {at for row in rows[1:] for at, cell in enumerate(row) if _is_labelled(cell)}
    if head is None and not labelled:
        return
    head = head or 0
    labels = heads[head]
    shares = [at for at, label in enumerate(labels) if _is_share(label) or at in labelled]
    tasks = [at for at, label in enumerate(labels) if _TASK.fullmatch(label) and at not in shares]
    tasks = tasks or [at for at, label in enumerate(labels) if at not in shares and not _is_other(label)]
    for cells in rows[head + 1 :]:
        text = ";".join(_said(labels[at], cells[at]) for at in shares if at < len(cells) and _told(cells[at]))
        reading = read_clause(half_width(text), convention) if text else None
        if reading is not None:
            task = " ".join(cells[at].strip() for at in tasks if at < len(cells) and cells[at].strip())
            yield task, Clause(0, 0, reading.named, reading.persons, reading.unknown)


def _is_labelled(cell: str) -> bool:
    return _LABELLED.match(half_width(cell)) is not None


def _said(label: str, cell: str) -> str:
    """What a cell says with its column's head, unless it says so itself."""
    return cell.replace("\n", ";") if _is_labelled(cell) or not _is_share(label) else f"{label}:{cell}"


def _label(cell: str) -> str:
    """What a column is headed, without remarks in brackets: 责任单位（列首位的为牵头单位）."""
    return re.sub(r"\s|\([^()]*\)", "", half_width(cell)).rstrip(":")


def _is_share(label: str) -> bool:
    return isinstance(label_share(label), Share)


def _is_other(label: str) -> bool:
    return bool(_NUMBER.fullmatch(label)) or label_share(label) is None


def tables_of(markup: str) -> Iterator[tuple[int, list[list[str]]]]:
    """(offset, rows of plain cells) of each table in sanitised HTML; spanned cells stand in each of their places."""
    for table in _TABLE.finditer(markup):
        grid: dict[tuple[int, int], str] = {}
        for down, row in enumerate(_ROW.finditer(table[0])):
            across = 0
            for cell in _CELL.finditer(row[0]):
                spans = {kind: min(int(size), 100) for kind, size in _SPAN.findall(cell[2])}
                while (down, across) in grid:
                    across += 1
                for below in range(max(spans.get("row", 1), 1)):
                    for beside in range(max(spans.get("col", 1), 1)):
                        grid[down + below, across + beside] = _plain(cell[3])
        height = max((down for down, _ in grid), default=-1) + 1
        width = max((across for _, across in grid), default=-1) + 1
        yield table.start(), [[grid.get((down, across), "") for across in range(width)] for down in range(height)]


def _plain(cell: str) -> str:
    text = re.sub(r"<br[^>]*>|</(?:p|li|div)>", "\n", cell)
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


def _told(cell: str) -> bool:
    return not _BLANK.fullmatch(cell)
