"""The results of a run as a Markdown table for docs/performance-log.md; whatever else there is is in the JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

Figures = Mapping[str, Any]
Told = Iterator[tuple[str, str]]


def table(lines: Sequence[Figures]) -> list[str]:
    """Machine and versions, then rows of what, command, result."""
    if not lines:
        return []
    first = lines[0]
    about, known = first["machine"], first["versions"]
    loads = [line["machine"]["load"] for line in lines]
    made = [
        f"{first['date']}, {first['commit'] or 'no commit'}; {about['cpu']}, {about['cores']} cores, "
        f"{about['memory_gb']} GB, {about['system']}; load {min(loads)} to {max(loads)}; "
        + ", ".join(f"{name} {version}" for name, version in known.items())
        + ".",
        "",
        "| what | command | result |",
        "|---|---|---|",
    ]
    return made + [
        f"| {_cell(what)} | `{line['command']}` | {_cell(result)} |" for line in lines for what, result in rows(line)
    ]


def rows(line: Figures) -> Told:
    """What there is to say of a script's result."""
    if line["code"]:
        yield f"{line['bench']}, {line['size']:,}", f"FAILED with {line['code']}"
    elif line["figures"] is None:
        yield f"{line['bench']}, {line['size']:,}", "; ".join(" ".join(text.split()) for text in line["lines"])
    elif line["bench"] in _SUMMARIES:
        yield from _SUMMARIES[line["bench"]](line["figures"])
    else:
        yield f"{line['bench']}, {line['size']:,}", _numbers(line["figures"])


def _build(figures: Figures) -> Told:
    for name, of in figures["builds"].items():
        times = figures["times_as_long_as_full"][name]
        slowest = sorted(of["stages"].items(), key=lambda stage: -stage[1])[:3]
        yield (
            f"whole build of {figures['rows']:,} rows, {name}, {figures['workers']} workers",
            f"{of['seconds']} s ({times} of the full one), {of['cpu_seconds']} s CPU, {of['peak_mb']:,} MB; "
            f"{of['pages']:,} pages, {of['files']:,} files, {of['written']:,} written; most of it "
            + ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in slowest),
        )


def _pages(figures: Figures) -> Told:
    ours = figures["ours"]
    render = ours["render"]
    yield (
        f"{figures['pages']:,} record pages by us",
        f"{ours['seconds']} s the whole build, {ours['peak_mb']:,} MB; its render stage {render['seconds']} s, "
        f"{render['pages_per_second']:,} pages/s",
    )
    for name, of in figures["peers"].items():
        if "missing" in of:
            yield f"the same number by {name}", f"MISSING: {of['missing']}"
            continue
        times = figures["times_as_long"][name]
        yield (
            f"the same number of record pages alone by {name} {of.get('version', '')}".rstrip(),
            f"{of['seconds']} s, {of['peak_mb']:,} MB, {of['pages_per_second']:,} pages/s: "
            f"{times['as_our_whole_build']} times as long as our whole build, {times['as_our_render_stage']} times as "
            f"our render stage, a page {times['a_page_as_our_render_stage']} times"
            + (f"; {times['as_ours_plain']} times as our bulk pages alone" if "as_ours_plain" in times else ""),
        )
    same = figures.get("same_site", {"peers": {}})
    for name, of in same["peers"].items():
        if "missing" in of:
            yield f"the same site by {name}", f"MISSING: {of['missing']}"
            continue
        times, sorts = same["times_as_long"][name], of["pages_by_sort"]
        yield (
            f"the same site by {name} {of['version']}: {sorts['record']:,} record, {sorts['subject']:,} subject, "
            f"{sorts['listing']:,} listing pages",
            f"{of['seconds']} s, {of['peak_mb']:,} MB, {of['pages_per_second']:,} record pages/s: "
            f"{times['as_our_whole_build']} times as long as our whole build, {times['cpu_as_our_whole_build']} times "
            f"the processor, {times['memory_of_our_whole_build']} times the memory",
        )


def _validate(figures: Figures) -> Told:
    ours, peer = figures["ours"], figures.get("frictionless")
    result = f"{ours['seconds']} s, {ours['peak_mb']:,} MB"
    if peer:
        result += f"; frictionless {peer['seconds']} s: {figures['ratio']} times as long ({figures['cpu_ratio']} CPU)"
    yield f"{figures['rows']:,} rows × 20 read and validated", result


def _search_peers(figures: Figures) -> Told:
    ours, peer = figures["ours"], figures["pagefind"]
    yield f"search index of {figures['rows']:,} rows", f"{ours['seconds']} s, {ours['peak_mb']:,} MB"
    if "missing" in peer:
        yield "the same by Pagefind", f"MISSING: {peer['missing']}"
        return
    times, found = figures["times_as_much"], figures["found_of_all"]
    yield (
        f"the same by {peer['peer']}",
        f"{times['seconds']} times as long, {times['peak_mb']} times the memory; finds {found['pagefind']} of the "
        f"matches, ours {found['ours']}",
    )


def _numbers(figures: Figures) -> str:
    """Figures that are numbers, as they are; what lies deeper is in the JSON."""
    numbers = {name: value for name, value in figures.items() if isinstance(value, int | float)}
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in numbers.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_SUMMARIES: Final[Mapping[str, Callable[[Figures], Told]]] = {
    "build": _build,
    "pages_peers": _pages,
    "validate": _validate,
    "search_peers": _search_peers,
}
