"""The site's configuration, content/site.yaml."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from publish.load.checking import Codes, did_you_mean, duplicate_issues, schema_issues
from publish.load.marked import Marked, NotReadable, load_marked
from publish.model.config import Contact, DataFileOptions, Limits, ReleasePolicy, SiteConfig
from publish.model.issue import BuildStopped, Issue, Level

FILE = "content/site.yaml"
SCHEMA = "site.yaml"
CODES = Codes(
    unknown_key="config.unknown-key",
    missing_key="config.missing-key",
    bad_type="config.bad-type",
    bad_value="config.bad-value",
    duplicate_key="config.duplicate-key",
)
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})+", re.IGNORECASE)


def load_config(root: Path) -> SiteConfig:
    """Read and check content/site.yaml under `root`.

    Raises BuildStopped with every fault found, each with its line. Codes: `config.missing-file`, `config.yaml-syntax`
    (these end the reading), `config.unknown-key`, `config.duplicate-key`, `config.missing-key`, `config.bad-type`,
    `config.bad-value`.
    """
    path = root / FILE
    if not path.is_file():
        raise BuildStopped((Issue("config.missing-file", Level.ERROR, "the site has no configuration", file=FILE),))
    try:
        marked = load_marked(path, FILE)
    except NotReadable as fault:
        raise BuildStopped(
            (Issue("config.yaml-syntax", Level.ERROR, fault.hint, file=FILE, line=fault.line),)
        ) from None
    issues = duplicate_issues(marked, CODES.duplicate_key) + schema_issues(marked, SCHEMA, CODES)
    issues += _value_issues(marked)
    if issues:
        raise BuildStopped(tuple(sorted(issues, key=lambda issue: (issue.line, issue.code, issue.hint))))
    return _site_config(marked.value)


def _value_issues(marked: Marked) -> Iterator[Issue]:
    """What a JSON Schema cannot say. Values of the wrong type are passed over: the schema has told them."""
    raw = marked.value if isinstance(marked.value, dict) else {}
    url = raw.get("base_url")
    if isinstance(url, str) and not _is_origin(url):
        hint = "base_url: expected scheme and host only, such as https://www.example.org, without a slash at the end"
        yield marked.issue(CODES.bad_value, hint, "base_url")
    zone = raw.get("time_zone")
    if isinstance(zone, str):
        zones = _zones()
        if zone not in zones:
            hint = f"time_zone: no such time zone{did_you_mean(zone, zones)}"
            yield marked.issue(CODES.bad_value, hint, "time_zone")
    domains = raw.get("government_domains")
    for index, domain in enumerate(domains if isinstance(domains, list) else ()):
        if isinstance(domain, str) and not _DOMAIN.fullmatch(domain):
            hint = f"government_domains[{index}]: expected a domain name such as gov.cn, without scheme, path or *"
            yield marked.issue(CODES.bad_value, hint, "government_domains", index)


@cache  # it looks through folders, and a build reads its configuration more than once
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = host is not None and re.fullmatch(r"[\w.:-]+", host) is not None
    return plain and parts.scheme in {"http", "https"} and "@" not in url and url == f"{parts.scheme}://{parts.netloc}"


def _site_config(raw: dict[str, Any]) -> SiteConfig:
    given = _given(raw)
    given["contact"] = Contact(**_given(raw.get("contact")))
    given["limits"] = Limits(**_given(raw.get("limits")))
    given["releases"] = ReleasePolicy(**_given(raw.get("releases")))
    data_files = _given(raw.get("data_files"))
    given["data_files"] = DataFileOptions(tuple(data_files.get("packed") or ()))
    given["rule_profiles"] = tuple(raw["rule_profiles"])
    given["government_domains"] = tuple(domain.lower() for domain in raw.get("government_domains") or ())
    return SiteConfig(**given)


def _given(raw: dict[str, Any] | None) -> dict[str, Any]:
    """Keys left blank count as absent, so that the defaults of the dataclasses hold."""
    return {key: value for key, value in (raw or {}).items() if value is not None}
