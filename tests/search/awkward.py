"""Tables of texts that are hard to search: other widths and cases, marks, brackets, traditional characters, digits."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from publish.model.public import PublicField, PublicTable
from tests.searchkit import table_of

TODAY = date(2026, 11, 20)
WORDS = [
    *("汀澜市", "市场监督管理局", "卫生健康委员会", "商贸有限公司", "阿依·古丽", "张某"),
    *("罚款", "警告", "没收违法所得"),
    *("未取得许可", "从事", "食品经营", "违反", "《食品安全法》", "第三十四条", "〔2026〕", "(2025)", "【2024】"),
    *("1号", "23号"),
    *("ＡＢＣ", "abc", "Open Data", "ｶﾞｽ", "ガス", "㈱", "臺灣", "乾燥", "機械", "二○二六", "“安全”"),
    *("—", "e\u0301", "é"),
    *("ΟΔΟΣ", "한글", "가", "𠮷野", "x1y2z3", "007", "12345678", "İ", "ﬃ"),
]  # fmt: skip


def text_of(source: random.Random) -> str:
    joint = source.choice(["", "", "", " ", "　", "\n"])
    return joint.join(source.choices(WORDS, k=source.randint(1, 6)))


COUNTS = {"penalties": 4100, "licences": 700, "redlist": 40}


def awkward_tables(
    source: random.Random, counts: Mapping[str, int] = COUNTS, terms: Sequence[int] = ()
) -> list[PublicTable]:
    """Datasets of so many records; dates and texts are missing here and there, some records have ended. `terms`: for
    how many years records are public, so that most of some months do not end soon; without it they end any day.
    """
    fields: list[PublicField | str] = [
        "文号",
        "内容",
        PublicField("单位", "提供单位"),
        PublicField("金额", "金额", type="number"),
    ]
    tables = []
    for slug, count in counts.items():
        records = [_record(source, slug, number) for number in range(count)]
        for record in records:
            day = record["_date"]
            if terms and isinstance(day, date):
                last = (day + timedelta(days=round(365.25 * source.choice(terms)))).replace(day=20)
                record["_until"] = source.choice([None, last, last])
        tables.append(table_of(slug, slug, records, fields))
    return tables


def _record(source: random.Random, slug: str, number: int) -> dict[str, object]:
    title = f"汀{slug[:2]}〔2026〕{number}号"
    authority = source.choice(WORDS)
    return {
        "_title": source.choice([None, title, title, f"{title}之二", "没有号码"]),
        "_subject": source.choice([None, text_of(source)]),
        "_code": source.choice([None, f"91990100MA{number % 997:07}X"]),
        "_date": source.choice([None, date.fromordinal(TODAY.toordinal() - source.randint(0, 900))]),
        "_until": source.choice([None, date.fromordinal(TODAY.toordinal() + source.randint(-20, 400))]),
        "_authority": authority,
        "_reason": source.choice([None, text_of(source)]),
        "文号": source.choice([title, title, title, "另一个文号"]),
        "内容": text_of(source),
        "单位": source.choice([authority, authority, authority, None, "别的单位"]),
        "金额": "7777.77",
    }
