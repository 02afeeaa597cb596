"""Records reported twice: the same document number, authority and subject (JS-M 16: two routes, no double reporting).

They stay published: two acts with one number by mistake cannot be told apart from one act reported twice.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from publish.model.issue import Issue, Level
from publish.model.source import CheckedTable, Role
from publish.model.spelling import Speller

# Written where there is no code (facts, 4): zeros pass the checksum, and sole traders without a code get the second.
NO_CODES = ("0" * 18, "0" * 17 + "X")
_BRACKETS = {"〔": "(", "[": "(", "【": "(", "{": "(", "〕": ")", "]": ")", "】": ")", "}": ")"}
_ROLES = (Role.AUTHORITY, Role.SUBJECT_CODE, Role.SUBJECT_NAME)

_KEYS = {"_table": pl.UInt32, "_row": pl.UInt32, "_code": pl.UInt64, "_name": pl.UInt64}


def duplicate_records(tables: Sequence[CheckedTable]) -> Iterator[Issue]:
    """A warning `record.duplicate` per record resource that repeats itself or an earlier one of the same kind.

    It tells how many rows repeat and the first of them. Subjects are the same if their codes are, or their names;
    the authority is the provider where no field tells it.
    """
    groups: dict[str, list[CheckedTable]] = {}
    for table in tables:
        if table.source.disclosure is not None:
            groups.setdefault(table.source.disclosure.kind, []).append(table)
    for group in groups.values():
        yield from _within_kind(group)


def _within_kind(tables: Sequence[CheckedTable]) -> Iterator[Issue]:
    speller = Speller.of(_folded)
    numbers = [_text(table.typed, Role.DOCUMENT_NUMBER, speller) for table in tables]
    # Most numbers stand there once: of these records nothing else is looked at.
    again = pl.concat([number.hash() for number in numbers]).is_duplicated()
    records = pl.DataFrame(schema=_KEYS)
    for at, (table, number) in enumerate(zip(tables, numbers, strict=True)):
        some = (again.slice(0, len(number)) & number.is_not_null()).arg_true()
        again = again.slice(len(number))
        keys = _keys(table, table.typed[some], number.gather(some), speller)
        records.extend(keys.select(pl.lit(at, dtype=pl.UInt32).alias("_table"), "_row", "_code", "_name"))
    repeats = pl.concat([_repeats(records, "_code"), _repeats(records, "_name")]).unique()
    pairs = repeats.group_by("_table", "_first").agg(pl.col("_row").min(), pl.len().alias("_count"))
    for at, first, row, count in pairs.sort("_table", "_first").iter_rows():
        package, resource = tables[at].source.package.name, tables[at].source.resource
        earlier = tables[first].source
        of = "earlier records" if first == at else f"records of {earlier.package.name}/{earlier.resource}"
        hint = f"document number, authority and subject are those of {of}; if it is one act, take one of the two out"
        yield Issue("record.duplicate", Level.WARNING, hint, package=package, resource=resource, row=row, count=count)


def _keys(table: CheckedTable, typed: pl.DataFrame, number: pl.Series, speller: Speller) -> pl.DataFrame:
    """`_row`; `_code` and `_name` UInt64: the act by its number, authority and the subject's code or name, or null.

    Of some rows of the table: `typed`, and their document numbers as they are compared.
    """
    spec = table.source.disclosure
    assert spec is not None
    authority, code, name = (pl.col(role.value) for role in _ROLES)
    code = code.str.to_uppercase()
    texts = pl.DataFrame([typed["_row"], number.alias("number"), *(_text(typed, role, speller) for role in _ROLES)])
    frame = texts.select(
        "_row",
        # A number has a digit; a dash or a word for none is no number.
        pl.when(pl.col("number").str.contains(r"\d")).then("number").alias("number"),
        authority.fill_null(_folded(pl.Series([spec.provider])).item()).alias("authority"),
        pl.when(~code.is_in(NO_CODES)).then(code).alias("_code"),
        name.alias("_name"),
    )
    return frame.select("_row", *(_hashed(frame, "number", "authority", name) for name in ("_code", "_name")))


def _text(typed: pl.DataFrame, role: Role, speller: Speller) -> pl.Series:
    """The role's cells, folded; null where blank or where no field has the role."""
    name = f"@{role.value}"
    if name not in typed.columns:
        return pl.repeat(None, typed.height, dtype=pl.String, eager=True).alias(role.value)
    folded = speller(typed[name])
    return pl.select(pl.when(folded != "").then(folded)).to_series().alias(role.value)


def _folded(texts: pl.Series) -> pl.Series:
    """Full width as half width, one kind of brackets, no spaces nor marks without width."""
    plain = texts.str.normalize("NFKC").str.replace_all(r"[\s\p{Cf}]+", "")
    return plain.str.replace_many(list(_BRACKETS), list(_BRACKETS.values()))


def _hashed(frame: pl.DataFrame, *names: str) -> pl.Series:
    """One hash of the columns, null where one of them is; called as the last."""
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
    hashes = frame.select(names).hash_rows()
    return frame.select(pl.when(known).then(pl.lit(hashes))).to_series().alias(names[-1])


def _repeats(records: pl.DataFrame, key: str) -> pl.DataFrame:
    """`_first`, `_table`, `_row` of each record whose key stands earlier: above in its table, or in an earlier one."""
    known = records.filter(pl.col(key).is_not_null()).filter(pl.col(key).is_duplicated()).select("_table", "_row", key)
    above = pl.int_range(pl.len()).over("_table", key) > 0
    within = known.filter(above).select(pl.col("_table").alias("_first"), "_table", "_row")
    owners = known.select(pl.col("_table").alias("_first"), key).unique()
    across = known.join(owners, on=key).filter(pl.col("_first") < pl.col("_table"))
    return pl.concat([within, across.select("_first", "_table", "_row")])
