"""content/site.yaml."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from publish.load.checking import load_schema
from publish.load.config import load_config
from publish.model.config import Contact, DataFileOptions, Limits, ReleasePolicy, SiteConfig
from publish.model.issue import BuildStopped

Write = Callable[[dict[str, str]], Path]
MINIMAL = """name: 试验站
organiser: 试验办
base_url: https://credit.example
language: zh-Hans
time_zone: Asia/Shanghai
rule_profiles: [national]
"""


def test_the_defaults_are_those_of_the_dataclasses(write_site: Write) -> None:
    config = load_config(write_site({"content/site.yaml": MINIMAL}))
    assert config == SiteConfig("试验站", "试验办", "https://credit.example", "zh-Hans", "Asia/Shanghai", ("national",))


def test_every_key_is_read(write_site: Write) -> None:
    text = (
        MINIMAL
        + """description: 说明
site_code: "1234567890"
icp_number: 试ICP备00000000号
police_number: 试公网安备 00000000000000号
contact: {phone: 000-0000000, email: a@credit.example, address: 试验路1号}
government_domains: [gov.cn, Credit.Example]
limits:
  bad_record_share: 0
  count_drop: 0.5
  count_rise: 3
  exit_notice_days: 7
  listing_rows: 20
  max_resource_bytes: 1_000_000
releases: {keep: 3, days: 90, in_use_hours: 0}
data_files: {packed: [penalties]}
demonstration: 演示
"""
    )
    config = load_config(write_site({"content/site.yaml": text}))
    assert config.contact == Contact("000-0000000", "a@credit.example", "试验路1号")
    assert config.government_domains == ("gov.cn", "credit.example")
    assert config.limits == Limits(0, 0.5, 3, 7, 20, 1_000_000)
    assert config.releases == ReleasePolicy(3, 90, 0)
    assert config.data_files == DataFileOptions(("penalties",))
    assert (config.site_code, config.demonstration) == ("1234567890", "演示")


def test_keys_left_blank_count_as_absent(write_site: Write) -> None:
    text = MINIMAL + "site_code:\ncontact:\ngovernment_domains:\nlimits: {count_drop: }\nreleases: {keep: }\n"
    text += "data_files: {packed: }\n"
    config = load_config(write_site({"content/site.yaml": text}))
    assert (config.site_code, config.contact, config.limits) == (None, Contact(), Limits())
    assert config.releases == ReleasePolicy()
    assert config.data_files == DataFileOptions()


def test_a_required_key_may_not_be_blank(write_site: Write) -> None:
    text = MINIMAL.replace("name: 试验站", "name:")
    assert codes(write_site, text) == ["config.bad-type"]


@pytest.mark.parametrize(
    "url",
    [
        "https://credit.example/",
        "https://credit.example/a",
        "https://credit.example?a",
        "https://user@credit.example",
        "https://user:word@credit.example",
        "ftp://credit.example",
        "credit.example",
        "https://",
        "https://credit.example:port",
        "https://a b",
        "https://[::1",
        "HTTPS://credit.example#x",
    ],
)
def test_base_url_is_scheme_and_host(write_site: Write, url: str) -> None:
    assert codes(write_site, MINIMAL.replace("https://credit.example", f'"{url}"')) == ["config.bad-value"]


@pytest.mark.parametrize("url", ["http://localhost:8000", "https://credit.example", "http://127.0.0.1"])
def test_base_urls_that_are_accepted(write_site: Write, url: str) -> None:
    text = MINIMAL.replace("https://credit.example", url)
    assert load_config(write_site({"content/site.yaml": text})).base_url == url


@pytest.mark.parametrize("domain", ["gov", "*.gov.cn", "https://gov.cn", "gov.cn/", "-a.cn", "a..cn", ".cn", ""])
def test_government_domains_are_domain_names(write_site: Write, domain: str) -> None:
    assert codes(write_site, MINIMAL + f'government_domains: ["{domain}"]\n') == ["config.bad-value"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("{keep: 1}", "config.bad-value"),
        ("{days: 0}", "config.bad-value"),
        ("{in_use_hours: -1}", "config.bad-value"),
        ("{keep: 2.5}", "config.bad-type"),
        ("{keeps: 7}", "config.unknown-key"),
        ("7", "config.bad-type"),
    ],
)
def test_a_bad_policy_of_releases_is_a_fault(write_site: Write, given: str, code: str) -> None:
    assert codes(write_site, MINIMAL + f"releases: {given}\n") == [code]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("{packed: penalties}", "config.bad-type"),
        ("{packed: [7]}", "config.bad-type"),
        ("{packed: ['']}", "config.bad-value"),
        ("{pack: [penalties]}", "config.unknown-key"),
    ],
)
def test_bad_options_of_data_files_are_a_fault(write_site: Write, given: str, code: str) -> None:
    assert codes(write_site, MINIMAL + f"data_files: {given}\n") == [code]


def test_no_value_of_the_file_is_quoted(write_site: Write) -> None:
    text = MINIMAL.replace("zh-Hans", "SECRET").replace("试验办", "[SECRET]").replace("Asia/Shanghai", "SECRET/SECRET")
    with pytest.raises(BuildStopped) as stopped:
        load_config(write_site({"content/site.yaml": text + "site_code: SECRET\n"}))
    assert len(stopped.value.issues) == 4
    assert not any("SECRET" in str(issue) for issue in stopped.value.issues)


def test_schema_and_dataclasses_name_the_same_keys() -> None:
    schema = load_schema("site.yaml")
    for properties, kind in (
        (schema["properties"], SiteConfig),
        (schema["properties"]["contact"]["properties"], Contact),
        (schema["properties"]["limits"]["properties"], Limits),
        (schema["properties"]["releases"]["properties"], ReleasePolicy),
        (schema["properties"]["data_files"]["properties"], DataFileOptions),
    ):
        assert set(properties) == {field.name for field in fields(kind)}


def codes(write_site: Write, text: str) -> list[str]:
    with pytest.raises(BuildStopped) as stopped:
        load_config(write_site({"content/site.yaml": text}))
    return [issue.code for issue in stopped.value.issues]
