"""Record pages in a plain loop: Jinja2 renders each, and each is written. Run as a program by bench_pages_peers.

python tests/bench/peers_jinja.py RECORDS TEMPLATE OUT
"""

import json
import sys
from pathlib import Path

import jinja2


def main() -> None:
    """Write all pages."""
    records, template, out = map(Path, sys.argv[1:4])
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(template.read_text(encoding="utf-8"))
    folder = out / "r"
    folder.mkdir(parents=True)
    for record in json.loads(records.read_text(encoding="utf-8")):
        (folder / f"{record['JLBH']}.html").write_text(page.render(record=record), encoding="utf-8")


if __name__ == "__main__":
    main()
