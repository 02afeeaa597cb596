"""The same pages from the same plain template by our way of making bulk pages, and nothing else of a build.

    python tests/bench/peers_bulk.py RECORDS TEMPLATE OUT

Run as a program by bench_pages_peers, beside peers_jinja, from which it differs in nothing but how a page is made.
"""

import sys
from pathlib import Path


def main() -> None:
    """Write all pages."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # run by its path, from another folder
    import jinja2
    import polars as pl

    from publish.render.bulk import assemble, derive_plan

    records, template, out = map(Path, sys.argv[1:4])
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(template.read_text(encoding="utf-8"))
    folder = out / "r"
    folder.mkdir(parents=True)
    frame = pl.read_json(records)
    pages = assemble(derive_plan(frame, lambda slots: page.render(record=slots)), frame)
    for key, html in zip(frame["JLBH"], pages, strict=True):
        (folder / f"{key}.html").write_text(html, encoding="utf-8")


if __name__ == "__main__":
    main()
