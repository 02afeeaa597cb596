"""The validate stage: every row of every table against its schema. Pure and columnar."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from publish.model.config import SiteConfig
from publish.model.issue import Issue, Level
from publish.model.report import NO_PROGRESS, Progress
from publish.model.source import CheckedTable, SourceTable
from publish.validate.cells import cell_errors, errors_of, limits_of
from publish.validate.duplicates import duplicate_records
from publish.validate.events import unknown_records
from publish.validate.findings import guard_bad_records, record_issues
from publish.validate.keys import key_errors
from publish.validate.prohibited import prohibited_fields
from publish.validate.roles import typed_columns


def validate(
    tables: Sequence[SourceTable], config: SiteConfig, progress: Progress = NO_PROGRESS
) -> tuple[tuple[CheckedTable, ...], tuple[Issue, ...]]:
    """Check all tables of a site, in order. Codes and what to do about them: docs/errors-validate.md.

    A wrong cell or row never stops the build by itself: it is in its table's `errors`, which are complete, and counted
    in one issue of level RECORD per field and code. Errors are prohibited columns, constraints that cannot be read, and
    more bad rows than `limits.bad_record_share`. Records reported twice and events about no record are warnings.
    """
    checked: list[CheckedTable] = []
    issues: list[Issue] = []
    progress.expect(sum(table.frame.height for table in tables), "rows")
    for table in tables:
        others = {other.resource: other for other in tables if other.package.folder == table.package.folder}
        result, found = check_table(table, others)
        checked.append(result)
        issues += (*prohibited_fields(table), *_bad_constraints(table), *found)
        issues += guard_bad_records(result, config.limits.bad_record_share)
        progress.advance(table.frame.height)
    issues += (*unknown_records(checked), *duplicate_records(checked))
    return tuple(checked), tuple(issues)


def check_table(table: SourceTable, others: Mapping[str, SourceTable]) -> tuple[CheckedTable, tuple[Issue, ...]]:
    """Check one table; `others` are the tables of its package by resource name."""
    with ThreadPoolExecutor(1) as aside:  # neither takes all processors
        typing = aside.submit(typed_columns, table)
        wrong_cells, wrong_keys = cell_errors(table.frame, table.schema), key_errors(table, others)
    typed, wrong_roles, warnings = typing.result()
    blank = _blank_rows(table)
    in_rows = pl.concat([wrong_cells, _misshapen(table), wrong_roles])
    if blank.height:  # of a blank row nothing else is said, except that its keys are missing
        kept = pl.col("code").str.starts_with("row.") | ~pl.col("row").is_in(blank["row"].to_list())
        in_rows = pl.concat([blank, in_rows.filter(kept)])
    errors = pl.concat([in_rows, wrong_keys]).unique().sort("row", "field", "code")
    return CheckedTable(table, typed, errors), (*record_issues(table, errors), *warnings)


def _blank_rows(table: SourceTable) -> pl.DataFrame:
    blank = table.frame.filter(pl.all_horizontal(pl.col(spec.name).is_null() for spec in table.schema.fields))
    return errors_of(blank, "", pl.lit("row.blank"))


def _misshapen(table: SourceTable) -> pl.DataFrame:
    return errors_of(table.misshapen, "", pl.col("code"))


def _bad_constraints(table: SourceTable) -> Iterator[Issue]:
    for spec in table.schema.fields:
        for name in limits_of(spec).unreadable:
            hint = f"constraints.{name} cannot be read as the field's type asks"
            package = table.package.name
            yield Issue(
                "field.bad-constraint", Level.ERROR, hint, package=package, resource=table.resource, field=spec.name
            )
