"""What clauses say beside names: the words for a share, labels, days, and that the first named unit leads."""

import re

from publish.model.responsibility import Share

# What may stand between the last name and the end of a clause's part.
_WORDS = (
    r"按照?|依照?|根据|依据|依法|职责|职能|责任|分工|权限|范围|各自|分别|共同|联合|具体|统一|统筹|总体|全面|主要|归口|积极|密切|牵头|负责|主办|承办|协办|"
    r"主责|组织|协调|实施|落实|贯彻|推进|推动|抓好|做好|开展|完成|督促|督导|督办|指导|监督|检查|考核|管理|配合|协助|协同|协作|参加|参与|支持|保障|执行|"
    r"制定|研究|起草|办理|提供|建设|工作|任务|进行|予以|相应|的|为|并|以|内|在|分头|逐级|一并|把关|审核|汇总|会商|建立|完善|出台|编制|本|其|结合|实际|要求|相关|有关|各项|认真|抓紧"
)
# Possessive: a text that is nearly made of such words must not be tried in all ways.
TAIL = re.compile(rf"(?:{_WORDS})++")
_LEAD = re.compile(r"牵头|主办|主责")
_SUPPORT = re.compile(r"配合|协助|协办|协同|协作|参加|参与|支持")
_RESPONSIBLE = re.compile(r"负责|落实|实施|承办|执行|办理|分工|完成|推进|推动|抓好|做好|组织|统筹|开展|制定|编制|起草")
_GUIDE = re.compile(r"指导|督导|督促|监督|督办|检查|考核|保障")

_BODY = r"(?:责任)?(?:单位|部门|机构|处室|科室|主体|机关)(?:[/、和或及](?:单位|部门|机构|处室))?"
_LABELS = (
    (rf"(?:(?:责任)?牵头(?:负责|组织|实施|落实)*|主办|主责|主要责任|第一责任){_BODY}|牵头", Share.LEAD),
    (rf"(?:责任|负责|承办|实施|落实|执行|完成|主管|具体责任|责任落实|组织实施|工作){_BODY}", Share.JOINT),
    (rf"(?:责任)?(?:配合|协办|协助|参加|参与|协同|支持|联合|会办|协作){_BODY}|配合", Share.SUPPORT),
    (
        r"(?:第一|具体|直接|主要)?(?:责任人|负责人|联系人|经办人)|(?:牵头|责任|分管|联系|包抓|挂钩|包保)(?:市|县|区)?(?:领导|同志)",
        None,
    ),
)
_ANY_LABEL = r"[\u4e00-\u9fff]{2,8}"
_KNOWN = "|".join(pattern for pattern, _ in _LABELS)
LABEL = re.compile(rf"(?:{_KNOWN}|{_ANY_LABEL}):|(?:{_KNOWN})为(?=.)")
OWN_LABEL = re.compile("|".join(pattern for pattern, share in _LABELS if share is not None))
_READ = tuple((re.compile(pattern), share) for pattern, share in _LABELS)

_TIME = re.compile(
    r".*\d.*(?:年|月|日|季度|前).*|(?:长期|持续|常态|每年|每季|每月|即时|立行|近期|年内|年底).*|.*(?:年底|年内|年前|月底)(?:前)?(?:完成)?|已完成|完成时.*"
)
# What a bracket begins with that explains, and gives nobody anything to do.
REMARK = re.compile(
    r"以?下[简统]?称|简称|含|包括|包含|例如|如[下:]|即[^墨将时]|注:|见附|见第|详见|参见|附[:件表录后]|除|不含|指(?![挥导])|另[行有]|此件|按《|根据《"
)

# 列第一位者为牵头单位, 排在首位的部门为牵头单位, 第一个单位是主办单位.
_BODIES = r"(?:责任)?(?:单位|部门)?"
_FIRST = rf"(?:列|排列?|排名|位列|位于|居|位居|列居|处)(?:在|于)?(?:第一|首)[位个名]?(?:者|的)?{_BODIES}"
_FIRST_BODY = r"(?:首位|首个|第一个|第一)(?:责任)?(?:单位|部门)|(?:首位|第一位)(?:者|的)?"
_LEADS = (
    r"(?:均|皆)?(?:为|是|即为|系|作为|即是|担任)?[该此本]?项?(?:任务|工作|事项)?的?"
    r"(?:责任)?(?:牵头|主办|主责|主要责任|第一责任)"
)
# 牵头单位列在首位: the same the other way round.
_LEADER_FIRST = r"(?:牵头|主办)(?:责任)?(?:单位|部门)(?:均|都)?[列排]名?[在于]?(?:第一|首)"
_FIRST_LEADS = re.compile(rf"(?:{_FIRST}|{_FIRST_BODY}){_LEADS}|{_LEADER_FIRST}")
_REST = re.compile(r"(?:其他|其余|其它|后列|之后)[^。;]{0,12}?(?:配合|参加|参与|协办|协助)")


def label_share(label: str) -> Share | str | None:
    """What a label (without its colon) says: a Share, None of a label for persons, "" of one for anything else."""
    for pattern, share in _READ:
        if pattern.fullmatch(label):
            return share
    return ""


def tail_share(tail: str) -> Share | None:
    """The share that the words behind the names give; JOINT stands for being responsible. None: they give none."""
    if _LEAD.search(tail):
        return Share.LEAD
    if _SUPPORT.search(tail):
        return Share.SUPPORT
    if _RESPONSIBLE.search(tail):
        return Share.JOINT
    return Share.SUPPORT if _GUIDE.search(tail) else None


def is_time(text: str) -> bool:
    """Whether a part of a clause says by when, and nothing else: 2026年底前完成, 长期坚持."""
    return bool(_TIME.fullmatch(text))


def first_leads(text: str) -> tuple[bool, bool]:
    """(whether the document says that the unit named first leads, whether it says that the others support it)."""
    plain = re.sub(r"\s", "", text)
    match = _FIRST_LEADS.search(plain)
    if match is None or re.search(r"[不非]$", plain[max(0, match.start() - 2) : match.start()]):
        return False, False
    return True, bool(_REST.search(plain, match.end(), match.end() + 40))
