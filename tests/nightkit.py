"""A site that is built night by night, with other rows in some of them."""

import csv
import shutil
from datetime import date
from pathlib import Path

from tests.sitekit import SITES

AS_OF = date(2026, 11, 20)
ROWS = 60
SECRET = b"a secret of the site"


def site_of_rows(root: Path) -> Path:
    """The minimal site in `root`, with ROWS records."""
    shutil.copytree(SITES / "minimal", root)
    write_rows(root)
    return root


def write_rows(root: Path, *changed: int, rows: int = ROWS) -> None:
    """The data: of three subjects so many records; the `changed` ones have another reason."""
    path = root / "data/penalties/penalties.csv"
    with path.open(encoding="utf-8") as file:
        head = next(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for number in range(rows):
            code = ("914403001922038216", "91110108551385082Q", "11230500001755309F")[number % 3]
            reason = f"事由{number}" + (" <改> & 100%95" if number in changed else "")
            day = f"2026-{number % 2 + 8:02}-15"
            writer.writerow(
                [
                    number,
                    f"示罚〔2026〕{number}号",
                    f"示例{code[:6]}有限公司",
                    code,
                    "法人及非法人组织",
                    day,
                    "一般",
                    reason,
                    "李某某",
                ]
            )


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
