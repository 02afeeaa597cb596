"""The descriptor of a data package: found, read, its own parts and the files it refers to for schema and dialect."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publish.load.checking import Codes, duplicate_issues, schema_issues
from publish.load.marked import Marked, NotReadable, load_marked
from publish.load.paths import UnsafePath, inside
from publish.model.issue import Issue, Level
from publish.model.source import License, PackageInfo

NAMES = ("datapackage.yaml", "datapackage.json")
CODES = Codes(
    unknown_key="package.bad-descriptor",
    missing_key="package.missing-key",
    bad_type="package.bad-type",
    bad_value="package.bad-value",
    duplicate_key="package.duplicate-key",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a descriptor with its schema and dialect, read from wherever they stand; None if absent.

    Not `sound`: its schema or dialect cannot be relied on.
    """

    package: str
    name: str
    marked: Marked
    schema: Marked | None
    dialect: Marked | None
    sound: bool = True

    @property
    def raw(self) -> dict[str, Any]:
        """The resource as declared."""
        value: dict[str, Any] = self.marked.value
        return value

    def issue(self, code: str, hint: str, *path: str | int, level: Level = Level.ERROR) -> Issue:
        """A finding about the resource's part at `path`."""
        return self.marked.issue(code, hint, *path, level=level, package=self.package, resource=self.name)

    def schema_issue(
        self, code: str, hint: str, *path: str | int, level: Level = Level.ERROR, column: str = ""
    ) -> Issue:
        """A finding about the part at `path` of the schema, in the file where that stands."""
        marked = self.marked if self.schema is None else self.schema
        return marked.issue(code, hint, *path, level=level, package=self.package, resource=self.name, column=column)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A descriptor whose types are those of load/schemas/. `folder` is the package's folder on disk."""

    folder: Path
    marked: Marked
    info: PackageInfo
    parts: tuple[Part, ...]


def load_descriptor(root: Path, folder: Path) -> tuple[Descriptor | None, list[Issue]]:
    """Read the descriptor in `folder`, YAML before JSON. None if it cannot be used at all."""
    place = folder.relative_to(root).as_posix()
    name = folder.name
    found = [candidate for candidate in NAMES if (folder / candidate).exists()]
    if not found:
        hint = f"expected {' or '.join(NAMES)} in every folder of data/"
        return None, [Issue("package.missing-descriptor", Level.ERROR, hint, file=place, package=name)]
    try:
        marked = load_marked(inside(folder, found[0]), f"{place}/{found[0]}")
    except (NotReadable, UnsafePath) as fault:
        code, line = (fault.code, 0) if isinstance(fault, UnsafePath) else ("package.bad-syntax", fault.line)
        return None, [Issue(code, Level.ERROR, fault.hint, f"{place}/{found[0]}", line, name)]
    faults = schema_issues(marked, "descriptor.yaml", CODES, package=name)
    issues = [*_duplicates(marked, name), *faults]
    if faults:
        return None, issues
    if len(found) > 1:
        issues += _differing(folder, marked, f"{place}/{found[1]}", name)
    info = _package_info(marked, name, place)
    parts = []
    for index in range(len(marked.value["resources"])):
        part, part_issues = _part(folder, place, marked.at("resources", index), info.name)
        parts.append(part)
        issues += part_issues
    return Descriptor(folder, marked, info, tuple(parts)), issues


def _duplicates(marked: Marked, package: str) -> list[Issue]:
    """A foreign descriptor may repeat keys; our own block in it may not."""
    foreign = duplicate_issues(marked, CODES.duplicate_key, Level.WARNING, package=package)
    own = duplicate_issues(marked, "disclosure.duplicate-key", package=package)
    pairs = zip(marked.duplicates, foreign, own, strict=True)
    return [mine if path[0] == "disclosure" else theirs for (path, _), theirs, mine in pairs]


def _differing(folder: Path, marked: Marked, file: str, package: str) -> Iterator[Issue]:
    try:
        other = load_marked(inside(folder, NAMES[1]), file).value
        same = isinstance(other, dict) and other.get("resources") == marked.value["resources"]
    except (NotReadable, UnsafePath):
        same = False
    if not same:
        hint = f"its resources differ from those of {NAMES[0]}, which is the one that counts"
        yield Issue("package.two-descriptors", Level.WARNING, hint, file=file, package=package)


def _part(folder: Path, place: str, resource: Marked, package: str) -> tuple[Part, list[Issue]]:
    name = resource.value["name"]
    issues: list[Issue] = []
    found: dict[str, Marked | None] = {}
    for key, schema in (("schema", "table-schema.yaml"), ("dialect", "dialect.yaml")):
        try:
            found[key] = _referred(folder, place, resource, key)
        except UnsafePath as fault:
            issues.append(resource.issue(fault.code, f"{key}: {fault.hint}", key, package=package, resource=name))
        except NotReadable as fault:
            file = f"{place}/{resource.value[key]}"
            issues.append(Issue("package.bad-syntax", Level.ERROR, fault.hint, file, fault.line, package, name))
        else:
            part = found[key]
            if part is not None:
                issues += schema_issues(part, schema, CODES, package=package, resource=name)
                if isinstance(resource.value[key], str):
                    issues += duplicate_issues(part, CODES.duplicate_key, Level.WARNING, package=package, resource=name)
    if "layout" in resource.value:
        issues += schema_issues(resource.at("layout"), "dialect.yaml", CODES, package=package, resource=name)
    sound = not any(issue.level is Level.ERROR for issue in issues)
    return Part(package, name, resource, found.get("schema"), found.get("dialect"), sound), issues


def _referred(folder: Path, place: str, resource: Marked, key: str) -> Marked | None:
    value = resource.value.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        return resource.at(key)
    return load_marked(inside(folder, value), f"{place}/{value}")


def _package_info(marked: Marked, name: str, place: str) -> PackageInfo:
    raw = marked.value
    version = raw.get("version")
    return PackageInfo(
        name=raw.get("name", name),
        folder=place,
        title=raw.get("title", ""),
        description=raw.get("description", ""),
        version=marked.text("version") if isinstance(version, (str, int, float)) else "",
        homepage=_web_address(raw.get("homepage", "")),
        keywords=tuple(raw.get("keywords", ())),
        licenses=_links(raw.get("licenses", ())),
        sources=_links(raw.get("sources", ())),
    )


def _links(items: list[dict[str, str]] | tuple[()]) -> tuple[License, ...]:
    return tuple(
        License(item.get("name", ""), item.get("title", ""), _web_address(item.get("path", ""))) for item in items
    )


def _web_address(text: str) -> str:
    """Only web addresses become links: a `javascript:` address in a foreign descriptor must not reach a page."""
    return text if text.startswith(("https://", "http://")) else ""
