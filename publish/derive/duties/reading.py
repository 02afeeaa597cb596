"""The grammar of a clause's text: its members in groups, each with the share that the words behind it give."""

import re
from dataclasses import dataclass, field

from publish.derive.duties.members import Name, fill_fields, read_member, stands_for_many
from publish.derive.duties.splitting import split_members
from publish.derive.duties.words import LABEL, REMARK, is_time, label_share, tail_share
from publish.model.responsibility import Named, Share

_DIVIDED = re.compile(r"分别|各自|按|职责|分工")
# Brackets in names are those of Chinese text, whatever a copy made of them.
_WIDE = str.maketrans("()", "（）")
_WITH = re.compile(r"(?:会同|会商)")


@dataclass(frozen=True, slots=True)
class Convention:
    """What a document says of all its clauses: the unit named first leads; the others then support it."""

    first_leads: bool = False
    others_support: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """`named` in order. `spoken`: it has words for a share, or labels; else it is a bare list of units."""

    named: tuple[Named, ...]
    persons: int
    unknown: int
    spoken: bool


@dataclass(slots=True)
class _Group:
    """Names with one share; `divided`: each of them for its own part (分别, 按职责)."""

    share: Share | None
    names: list[Name]
    divided: bool = False


@dataclass(slots=True)
class _Reader:
    """Gathers names until words or a label close their group."""

    groups: list[_Group] = field(default_factory=list)
    waiting: list[Name] = field(default_factory=list)
    persons: int = 0
    unknown: int = 0
    label: Share | str | None = ""
    spoken: bool = False
    joined: bool = False  # what waits stands behind 会同

    def member(self, text: str) -> None:
        """Take in one member, labels before it first."""
        while (match := LABEL.match(text)) is not None:
            self.close(self.label if isinstance(self.label, Share) else None)
            self.label = label_share(match[0][:-1])
            self.spoken |= isinstance(self.label, Share) or self.label is None
            text = text[match.end() :]
        if not text:
            return
        if self.label is None:
            self.persons += 1
            return
        before, told, after = _partition(text)
        if told:
            self._names(before)
            self.close(Share.LEAD)
            self.joined, self.spoken = True, True
        self._names(after)

    def _names(self, text: str) -> None:
        if not text:
            return
        member = read_member(text)
        known = any(name.text or name.field for name in member.names)
        if not known and is_time(text):
            return
        self.waiting += member.names
        if member.tail:
            self.spoken = True
            share = tail_share(member.tail)
            self.close(Share.SUPPORT if self.joined else share, member.tail)
            rest = read_member(member.rest)
            if rest.tail and any(name.text for name in rest.names):
                self._names(member.rest)

    def close(self, share: Share | None, words: str = "") -> None:
        """End the group. `words` that give a share make who is not known somebody who has it, not a remark."""
        share = Share.SUPPORT if self.joined else share
        names = fill_fields(self.waiting)
        self.persons += sum(name.person + name.persons_inside for name in names)
        if words or share is not None or any(name.text for name in names):
            self.unknown += sum(not name.text and not name.person and not _only_others(name) for name in names)
        if any(name.text for name in names):
            # 等 is said of all that stand before it.
            last = max((place for place, name in enumerate(names) if name.others), default=-1)
            told = [_with_others(name, at <= last) for at, name in enumerate(names) if name.text]
            self.groups.append(_Group(share, told, _DIVIDED.search(words) is not None))
        self.waiting, self.joined = [], False


def read_clause(text: str, convention: Convention) -> Reading | None:
    """Read what stands in a clause's brackets (half width); None if that is no clause."""
    text = text.strip().rstrip("。.;,")
    if not text or REMARK.match(text):
        return None
    reader = _Reader()
    for member in split_members(text):
        reader.member(member)
    reader.close(reader.label if isinstance(reader.label, Share) else None)
    if not reader.groups and not (reader.spoken and reader.persons):
        return None
    named = tuple(_shares(reader.groups, convention))
    return Reading(named, reader.persons, reader.unknown, reader.spoken)


def _shares(groups: list[_Group], convention: Convention) -> list[Named]:
    leaders = sum(len(group.names) for group in groups if group.share is Share.LEAD)
    responsible = [group for group in groups if group.share in (Share.JOINT, None)]
    led = leaders > 0
    alone = not led and _is_alone(responsible)
    principal = not led and not alone and _has_principal(responsible)
    named: list[Named] = []
    for at, group in enumerate(groups):
        for name in group.names:
            leads = alone or (principal and group is responsible[0])
            named.append(_named(name, _share(group, leaders, led or (group.share is None and at > 0), leads)))
    if convention.first_leads and not led and len(named) > 1 and groups[0].share is not Share.SUPPORT:
        rest = [_after_first(one, convention, groups[0].share is None) for one in named[1:]]
        named = [_with_share(named[0], Share.LEAD), *rest]
    return named


def _share(group: _Group, leaders: int, follows: bool, leads: bool) -> Share:
    if group.share is Share.LEAD:
        return Share.CO_LEAD if leaders > 1 else Share.LEAD
    if group.share is Share.SUPPORT:
        return Share.SUPPORT
    if group.share is None and follows:
        return Share.SUPPORT
    return Share.LEAD if leads else Share.JOINT


def _is_alone(groups: list[_Group]) -> bool:
    """Whether one named unit, and no other, is responsible."""
    names = [name for group in groups if group.share is Share.JOINT for name in group.names]
    names = names or [name for group in groups[:1] for name in group.names]
    return len(names) == 1 and not names[0].others and not stands_for_many(names[0])


def _has_principal(groups: list[_Group]) -> bool:
    """甲局负责，各部门按职责做好相关工作: one unit for the whole, then others each for their part."""
    first, rest = groups[:1], groups[1:]
    return _is_alone(first) and bool(rest) and not first[0].divided and all(group.divided for group in rest)


def _after_first(named: Named, convention: Convention, bare: bool) -> Named:
    if named.share is Share.SUPPORT or convention.others_support or bare:
        return _with_share(named, Share.SUPPORT)
    return _with_share(named, Share.JOINT)


def _with_share(named: Named, share: Share) -> Named:
    return Named(named.name, share, named.alias, named.collective, named.others)


def _named(name: Name, share: Share) -> Named:
    alias = None if name.alias is None else name.alias.translate(_WIDE)
    return Named((name.text or "").translate(_WIDE), share, alias, stands_for_many(name), name.others)


def _with_others(name: Name, others: bool) -> Name:
    return Name(name.text, name.alias, others, name.person, name.field, name.persons_inside)


def _only_others(name: Name) -> bool:
    return name.others and name.field is None


def _partition(text: str) -> tuple[str, bool, str]:
    match = _WITH.search(text)
    if match is None:
        return "", False, text
    before = text[: match.start()]
    return before.removesuffix("负责"), True, text[match.end() :]
