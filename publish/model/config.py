"""The site's configuration, content/site.yaml, as frozen dataclasses. Reference: docs/configuration.md."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the organiser; what is None is not shown."""

    phone: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Guards and sizes. Shares are fractions of 1; `*_days` are calendar days."""

    bad_record_share: float = 0.01
    count_drop: float = 0.2
    count_rise: float = 1.0
    exit_notice_days: int = 30
    listing_rows: int = 50
    max_resource_bytes: int = 8_000_000_000


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """Which old releases are kept: at most `keep`, none that was not live for `days` days; but always the live one, the
    one before it, and what was live within `in_use_hours`."""

    keep: int = 7
    days: int = 30
    in_use_hours: int = 6


@dataclass(frozen=True, slots=True)
class DataFileOptions:
    """How data files are published. `packed`: datasets whose CSV, JSON and NDJSON are published as gzip alone."""

    packed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """content/site.yaml. `base_url` has scheme and host and no path; `site_code` is 网站标识码 (10 characters)."""

    name: str
    organiser: str
    base_url: str
    language: str
    time_zone: str
    rule_profiles: tuple[str, ...]
    description: str = ""
    site_code: str | None = None
    icp_number: str | None = None
    police_number: str | None = None
    contact: Contact = field(default_factory=Contact)
    government_domains: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    releases: ReleasePolicy = field(default_factory=ReleasePolicy)
    data_files: DataFileOptions = field(default_factory=DataFileOptions)
    demonstration: str | None = None
