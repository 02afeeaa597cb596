"""Random packages with planted secrets in every place that is not public: none comes out, in any byte, packed or not.

Places: cells of fields without a class, shared, authorised, limited; of hidden roles declared public; of records that
are withheld, pending, expired, repaired, suspended; of registers; of resources that nobody publishes; record ids; names
and titles of private fields; file and resource names; comments in YAML and Markdown; personal data in public texts.
"""

import csv
import json
from datetime import date
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from publish.cli import main
from tests.sitekit import everything_readable

AS_OF = date(2026, 11, 20)
CODE = "914403001922038216"
CLASSES = [None, "shared", "authorised", "limited"]
HIDDEN_ROLES = ["other_person", "informant", "person_number"]
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "龘靐齉爩鱻麤灪龖厵滟爨癵驫麣纞虋讟钃鸜黸"

# How a record is kept from the public; the cells of all but the first are secret as a whole.
FATES: dict[str, dict[str, str]] = {
    "public": {},
    "minor": {"degree": "轻微"},
    "summary": {"how": "简易程序"},
    "expired": {"decided": "2025-05-04"},
    "pending": {"decided": "2026-12-24"},
    "blank degree": {"degree": ""},
    "bad date": {"decided": "2026-13-45"},
    "repaired": {},
    "revoked": {},
    "disputed": {},
    "bad event": {},
}


class Secrets:
    """Hands out texts that stand nowhere else, and remembers them."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.given: dict[str, str] = {}

    def text(self, place: str) -> str:
        return self.keep(f"密{next(self.numbers):03d}Zq", place)

    def name(self, place: str) -> str:
        n = next(self.numbers)
        return self.keep(SURNAMES[n % 20] + GIVEN[n // 20 % 20] + GIVEN[n % 20], place)

    def resident_id(self, place: str) -> str:
        body = f"1101051949{next(self.numbers) % 12 + 1:02d}11{next(self.numbers) % 1000:03d}"
        return self.keep(
            body + "10X98765432"[sum(int(c) * w for c, w in zip(body, ID_WEIGHTS, strict=True)) % 11], place
        )

    def of_role(self, role: str) -> str:
        """A passport's number, or a name."""
        if role == "person_number":
            return self.keep(f"E{next(self.numbers):08d}", "field of role person_number")
        return self.name(f"field of role {role}")

    def mobile(self, place: str) -> str:
        return self.keep(f"138{next(self.numbers):08d}", place)

    def mail(self, place: str) -> str:
        return self.keep(f"who{next(self.numbers)}@example.net", place)

    def keep(self, secret: str, place: str) -> str:
        self.given[secret] = place
        return secret


FREE_TEXTS = {
    "resident": lambda s: f"当事人身份证号{s.resident_id('resident number in a public text')}，已责令改正",
    "mobile": lambda s: f"联系电话：{s.mobile('mobile number in a public text')}。",
    "mail": lambda s: f"电子邮箱{s.mail('mail address in a public text')}",
    "plain": lambda s: "未按规定公示年度报告",
}


@st.composite
def packages(draw: st.DrawFn) -> dict[str, Any]:
    private = draw(st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(["string", "any"])), max_size=4))
    hidden = draw(st.lists(st.sampled_from(HIDDEN_ROLES), unique=True, max_size=3))
    fates = draw(st.lists(st.sampled_from(sorted(FATES)), min_size=5, max_size=20))  # a build costs more than its rows
    persons = draw(st.lists(st.booleans(), min_size=len(fates), max_size=len(fates)))
    texts = draw(st.lists(st.sampled_from(sorted(FREE_TEXTS)), min_size=len(fates), max_size=len(fates)))
    gossip = draw(st.lists(st.booleans(), min_size=len(fates), max_size=len(fates)))
    kind = draw(st.sampled_from(["penalty", "blacklist"]))
    return {
        "private": private, "hidden": hidden, "fates": fates, "persons": persons, "texts": texts, "gossip": gossip,
        "kind": kind,
    }  # fmt: skip


def write_site(root: Path, drawn: dict[str, Any], secrets: Secrets) -> None:
    (root / "content/policies").mkdir(parents=True)
    (root / "data/fuzz").mkdir(parents=True)
    settings_of_site = {
        "name": "试验", "organiser": "试验办", "base_url": "https://fuzz.example", "rule_profiles": ["national"],
        "language": "zh-Hans", "time_zone": "Asia/Shanghai", "limits": {"bad_record_share": 1.0},
    }  # fmt: skip
    comment = f"# {secrets.text('comment in site.yaml')}\n"
    (root / "content/site.yaml").write_text(comment + yaml.safe_dump(settings_of_site, allow_unicode=True), "utf-8")
    markdown = f"---\ntitle: 办法\n---\n<!-- {secrets.text('comment in Markdown')} -->\n\n正文。\n"
    (root / "content/policies/rules.md").write_text(markdown, "utf-8")
    rows, registers = records(drawn, secrets)
    names = list(rows[0])
    data_file = f"{secrets.keep('mi-file-zq', 'file name')}.csv"
    write_csv(root / "data/fuzz" / data_file, names, rows)
    never = {"a": secrets.text("resource that nobody publishes")}
    write_csv(root / "data/fuzz/never.csv", ["a"], [never])
    titles = {name: secrets.text("title of a private field") for name in names if name.startswith("p_")}
    resources: list[dict[str, Any]] = [
        {"name": "acts", "path": data_file, "schema": {"fields": [field(name, titles) for name in names]}},
        {"name": "mi-resource-zq", "path": "never.csv", "schema": {"fields": [{"name": "a", "type": "string"}]}},
    ]
    secrets.keep("mi-resource-zq", "name of a resource that nobody publishes")
    block: dict[str, Any] = {"acts": record_block(drawn, names)}
    for register, events in registers.items():
        write_csv(root / f"data/fuzz/{register}.csv", list(events[0]), events)
        types = {"day": "any", "closed": "any"}
        fields = [{"name": name, "type": types.get(name, "string")} for name in events[0]]
        resources.append({"name": register, "path": f"{register}.csv", "schema": {"fields": fields}})
        roles = {"id": "record_id", "day": "event_date", "closed": "event_closed", "state": "event_state"}
        block[register] = {
            "register": register, "of": "acts",
            "fields": {name: {"role": role} for name, role in roles.items() if name in events[0]},
        }  # fmt: skip
    package = {"name": "fuzz", "resources": resources, "disclosure": {"provider": "试验办", "resources": block}}
    (root / "data/fuzz/datapackage.json").write_text(json.dumps(package, ensure_ascii=False), "utf-8")


def field(name: str, titles: dict[str, str]) -> dict[str, str]:
    return {"name": name, "type": "string", "title": titles.get(name, name)}


def record_block(drawn: dict[str, Any], names: list[str]) -> dict[str, Any]:
    roles = {
        "number": "document_number", "name": "subject_name", "code": "subject_code", "kind": "subject_kind",
        "decided": "decision_date", "degree": "severity", "how": "procedure", "reason": "reason", "facts": "content",
    }  # fmt: skip
    fields: dict[str, Any] = {name: {"role": role, "class": "public"} for name, role in roles.items()}
    fields["id"] = {"role": "record_id"}
    for name, (publicity, _) in zip((n for n in names if n.startswith("p_")), drawn["private"], strict=True):
        if publicity is not None:
            fields[name] = {"class": publicity}
    for role in drawn["hidden"]:
        fields[f"h_{role}"] = {"role": role, "class": "public"}
    values = {
        "subject_kind": {"企业": "organisation", "个人": "natural_person"},
        "severity": {"轻微": "minor", "一般": "general"},
        "procedure": {"简易程序": "summary", "普通程序": "ordinary"},
    }
    basis = {"legal_basis": ["示例法"]} if drawn["kind"] == "blacklist" else {}
    return {
        "title": "处罚",
        "kind": drawn["kind"],
        "published_since": "2025-01-01",
        **basis,
        "values": values,
        "fields": fields,
    }


def records(drawn: dict[str, Any], secrets: Secrets) -> tuple[list[dict[str, str]], dict[str, list[dict[str, str]]]]:
    rows: list[dict[str, str]] = []
    registers: dict[str, list[dict[str, str]]] = {}
    columns = zip(drawn["fates"], drawn["persons"], drawn["texts"], drawn["gossip"], strict=True)
    for n, (fate, person, text, gossip) in enumerate(columns):
        row = {"id": secrets.text("record id")}
        secret = fate != "public"

        def public(place: str, plain: str, secret: bool = secret, fate: str = fate) -> str:
            return secrets.text(f"{place} of a record that is {fate}") if secret else plain

        row |= {
            "number": public("number", f"罚〔2026〕{n}号"),
            "name": secrets.name("full name of a person") if person else public("name", f"示例{n}有限公司"),
            "code": "" if person else CODE,
            "kind": "个人" if person else "企业",
            "decided": "2026-06-01",
            "degree": "一般",
            "how": "普通程序",
            "reason": public("reason", "未公示"),
        }
        row["facts"] = FREE_TEXTS[text](secrets) + (f"，{row['name']}到场" if person and gossip else "")
        row |= {f"p_{i}": secrets.text("private field") for i, _ in enumerate(drawn["private"])}
        row |= {f"h_{role}": secrets.of_role(role) for role in drawn["hidden"]}
        if gossip:
            row["facts"] += "".join(f"，证人{row[f'h_{role}']}" for role in drawn["hidden"])
        rows.append(row | FATES[fate])
        add_events(fate, row["id"], registers, secrets)
    return rows, registers


def add_events(fate: str, record: str, registers: dict[str, list[dict[str, str]]], secrets: Secrets) -> None:
    note = secrets.text("note in a register")
    state = {"repaired": "granted", "disputed": "open", "bad event": "granted"}.get(fate)
    if state is not None:
        closed = "2026-08-01" if fate == "repaired" else ""
        register = "objection" if fate == "disputed" else "repair"
        day = "" if fate == "bad event" else "2026-07-01"
        event = {"id": record, "day": day, "state": state, "closed": closed, "note": note}
        registers.setdefault(register, []).append(event)
    if fate == "revoked":
        registers.setdefault("revocation", []).append({"id": record, "day": "2026-07-01", "note": note})


def write_csv(path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, names)
        writer.writeheader()
        writer.writerows(rows)


@given(packages())
# No shrinking: each example is a whole build, and the first one that fails says enough.
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
def test_no_secret_comes_out(drawn: dict[str, Any]) -> None:
    secrets = Secrets()
    with TemporaryDirectory() as folder:
        root, out = Path(folder) / "in", Path(folder) / "out"
        write_site(root, drawn, secrets)
        arguments = ["build", "--root", str(root), "--out", str(out), "--as-of", str(AS_OF)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        shown = sum(fate == "public" for fate in drawn["fates"])
        assert f"published: {shown}\n" in result.output
        left = [("output", result.output.encode()), *everything_readable(out)]
        for place, data in left:
            text = data.decode("utf-8", "replace")
            for secret, source in secrets.given.items():
                assert secret not in text, f"{source} came out in {place}"
