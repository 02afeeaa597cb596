"""Data packages: every folder of data/, with its descriptor, its disclosure block and its tables."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from publish.load.checking import did_you_mean
from publish.load.config import FILE as CONFIG
from publish.load.descriptor import Descriptor, Part, load_descriptor
from publish.load.disclosure import Assignment, load_block
from publish.load.files import integrity_issues, is_table, resource_file
from publish.load.marked import Marked, load_marked
from publish.load.overlays import load_overlays
from publish.load.standard import datapackage_version, standard_issues
from publish.load.table_schema import foreign_key_issues, table_schema, table_schema_issues
from publish.load.tables import read_table
from publish.model.config import SiteConfig
from publish.model.issue import Issue, Level
from publish.model.report import NO_PROGRESS, Progress
from publish.model.source import ResourceFile, Schema, SourceTable

FOLDER = "data"


def load_data_packages(
    root: Path, config: SiteConfig, progress: Progress = NO_PROGRESS
) -> tuple[tuple[SourceTable, ...], tuple[Issue, ...]]:
    """Read every data package of the site, in the order of the folders' names, resources in declared order.

    Nothing is raised for what is wrong with a package: structural faults are issues of level ERROR, and tables that
    could not be read are left out. Codes: `package.*`, `disclosure.*`, `config.unknown-dataset` and those of the
    tables; docs/errors-load.md.
    """
    if not (root / FOLDER).is_dir():
        return (), (Issue("package.no-data", Level.WARNING, "the site has no folder data/", file=FOLDER),)
    folders = [path for path in sorted((root / FOLDER).iterdir()) if path.is_dir() and not path.name.startswith(".")]
    overlays, issues = load_overlays(root, [folder.name for folder in folders])
    packages: list[_Package] = []
    for folder in folders:
        descriptor, faults = load_descriptor(root, folder)
        issues += faults
        if descriptor is not None:
            package, faults = _check_package(descriptor, overlays.get(folder.name))
            packages.append(package)
            issues += faults
    issues += _name_issues(packages)
    tables: list[SourceTable] = []
    progress.expect(sum(len(package.descriptor.parts) for package in packages), "resources")
    for package in packages:
        found, faults = _load_tables(package, config.limits.max_resource_bytes, progress)
        tables += found
        issues += faults
    if not _has_errors(issues):  # of a package that cannot be read nobody knows the names of datasets
        issues += _packed_issues(root, config, tables)
    return tuple(tables), tuple(issues)


def _packed_issues(root: Path, config: SiteConfig, tables: Sequence[SourceTable]) -> Iterator[Issue]:
    """Names of datasets in the configuration that no dataset has: its data files would not be packed."""
    names = {table.disclosure.dataset for table in tables if table.disclosure is not None}
    for index, name in enumerate(config.data_files.packed):
        if name not in names:
            hint = f"data_files.packed[{index}]: no dataset of this name{did_you_mean(name, names)}"
            yield load_marked(root / CONFIG, CONFIG).issue(
                "config.unknown-dataset", hint, "data_files", "packed", index
            )


@dataclass(frozen=True, slots=True)
class _Package:
    """A package whose descriptor is read; `schemas` are those of its readable tables, `assigned` what is disclosed."""

    descriptor: Descriptor
    schemas: dict[str, Schema]
    assigned: dict[str, Assignment]


def _check_package(descriptor: Descriptor, overlay: Marked | None) -> tuple[_Package, list[Issue]]:
    issues = [*standard_issues(descriptor), *foreign_key_issues(descriptor)]
    version = datapackage_version(descriptor.marked)
    schemas: dict[str, Schema] = {}
    for part in descriptor.parts:
        faults = list(_part_issues(part))
        issues += faults
        own = [issue for issue in issues if issue.resource == part.name]
        if part.schema is not None and _is_readable(part) and not _has_errors(own):
            schemas[part.name] = table_schema(part.schema, version)
    block = overlay
    if block is None and "disclosure" in descriptor.marked.value:
        block = descriptor.marked.at("disclosure")
    assigned: dict[str, Assignment] = {}
    if block is not None:
        assigned, faults = load_block(block, descriptor, schemas)
        issues += faults
    package = _Package(descriptor, schemas, assigned)
    return package, issues + _undisclosed(package, block)


def _part_issues(part: Part) -> list[Issue]:
    if "data" in part.raw:
        hint = "data: tables inside of a descriptor are not read; put them into a CSV file and give its path"
        return [part.issue("package.inline-data", hint, "data")]
    if "path" not in part.raw or not part.sound:
        return []
    if part.schema is None or not is_table(part):
        hint = "not a CSV table with a schema; its file is checked and nothing of it is published"
        return [part.issue("package.not-a-table", hint, level=Level.WARNING)]
    return list(table_schema_issues(part))


def _is_readable(part: Part) -> bool:
    return part.sound and part.schema is not None and "path" in part.raw and "data" not in part.raw and is_table(part)


def _undisclosed(package: _Package, block: Marked | None) -> list[Issue]:
    told = block.value.get("resources") if block is not None and isinstance(block.value, dict) else None
    names = set(told) if isinstance(told, dict) else set()
    hint = "the table is checked and never published: no disclosure block names it"
    return [
        part.issue("disclosure.no-block", hint, level=Level.WARNING)
        for part in package.descriptor.parts
        if part.name in package.schemas and part.name not in names
    ]


def _name_issues(packages: list[_Package]) -> list[Issue]:
    """Names that must be the only ones of the site: those of packages and the addresses of datasets."""
    issues: list[Issue] = []
    names: set[str] = set()
    slugs: set[str] = set()
    for package in packages:
        marked, name = package.descriptor.marked, package.descriptor.info.name
        if name in names:
            hint = "name: another package has the same name"
            issues.append(marked.issue("package.duplicate-name", hint, "name", package=name))
        names.add(name)
        for resource, assignment in package.assigned.items():
            if assignment.record is None:
                continue
            if assignment.record.dataset in slugs:
                hint = "dataset: another resource of the site has the same address"
                code, where = "disclosure.duplicate-dataset", assignment.marked
                issues.append(where.issue(code, hint, "dataset", package=name, resource=resource))
            slugs.add(assignment.record.dataset)
    return issues


def _load_tables(package: _Package, limit: int, progress: Progress) -> tuple[list[SourceTable], list[Issue]]:
    """Read the files of a package; those of resources that are no tables are checked only."""
    descriptor = package.descriptor
    tables: list[SourceTable] = []
    issues: list[Issue] = []
    for part in descriptor.parts:
        progress.advance(1)  # at its beginning, so that it is never too late where a part is passed over
        if "path" not in part.raw or "data" in part.raw:
            continue
        file, faults = resource_file(descriptor.folder, part)
        if file is not None:
            # Read while the hashes are made; of a file that is not what it is said to be nobody asks what came of it.
            with ThreadPoolExecutor(1) as aside:
                checking = aside.submit(list[Issue], integrity_issues(file, part))
                table, found = _load_table(package, part, file, limit) if not _has_errors(faults) else (None, [])
            faults += checking.result()
            if not _has_errors(faults):
                faults += found
                tables += [table] if table is not None else []
        issues += faults
    return tables, issues


def _load_table(
    package: _Package, part: Part, file: ResourceFile, limit: int
) -> tuple[SourceTable | None, list[Issue]]:
    """The table of a resource, if it is one and can be read."""
    schema, info = package.schemas.get(part.name), package.descriptor.info
    if schema is None:
        return None, []
    assigned = package.assigned.get(part.name)
    schema = assigned.schema if assigned is not None else schema
    frame, misshapen, found = read_table(file, schema, package=info.name, resource=part.name, limit=limit)
    if _has_errors(list(found)):
        return None, list(found)
    record, register = (assigned.record, assigned.register) if assigned is not None else (None, None)
    return SourceTable(info, part.name, schema, frame, misshapen, record, register), list(found)


def _has_errors(issues: list[Issue]) -> bool:
    return any(issue.level is Level.ERROR for issue in issues)
