"""Keywords of policy documents: those that a document states, then the phrases that tell most of what it is about.

Bigrams are not words, and there is no dictionary here. A phrase is taken for a word by how it recurs: with ever other
characters on both sides (so it is not part of a longer one that recurs as often), and more often than chance would put
its halves together. Of these, phrases that few documents have count for more.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from publish.derive.corpus import DocumentIndex
from publish.derive.folding import fold_text
from publish.model.document import Document

EXTRACTED = 8
SHORTEST, LONGEST = 2, 8  # characters of a phrase
_LENGTH_COUNTS = 4  # longer phrases tell no more
_TITLE = 1.5  # what a phrase counts for that stands in the title

_ARTICLE = re.compile("第[〇零一二三四五六七八九十百千两0-9]+[编章节条款项目]")
# What no keyword goes across: all but Chinese characters, and words of grammar and drafting where they are words.
_CUT = re.compile(
    "[^\u3400-\u4dbf\u4e00-\u9fff]+"
    "|[的了或之是于]|及(?!时)|等(?!级)|(?<![共展])和(?![谐解平])|(?<!参)与|并(?!购)|其(?!他)|按照|按(?!揭)"
    "|自(?![然愿动主治律查由身贸])|对(?![象外接比账])|由(?!来)|在(?![线职建册])|(?<![行作认])为(?![主民企])"
    "|[向将被该已把]|从(?![业事严轻重])|各(?!类)|未(?![来成])|使(?!用)"
    "|应当|可以|不得|没有|任何|以及|根据|依照|依据|以下|以上|以内|通过|进行|有关|相关|其他|下列|规定|分别|不予|准予|予以"
    "|工作日|牵头|负责|配合|本办法|本条例|[本全我]市|[本全我]省"
)
_VERBS = "建立|完善|加强|开展|推动|推进|促进|健全|实施|制定|提出|加大|提高|实行|做好|作出"
_BAD_BEGIN = re.compile(
    "[个日月年内外时后前应以可经本此不所上下满第]|[一二三四五六七八九十百千万〇零两几](?![般体])"
    f"|提供(?!单位|者)|{_VERBS}"
)
_BAD_END = re.compile(f"(?:[个日月年内外时后前应以可不中上下所满至]|{_VERBS})$")
# Words that any such document is full of.
_COMMON = re.compile(
    "工作|部门|单位|情况|要求|内容|方式|材料|制度|服务|活动|期限|日期|申请|办理|组织|机制|措施|管理|建设|社会|机构"
    "|体系|记录|信息|数据|环境|基础|办法|通知|意见|方案|文件|法律|法规|国家|人员|平台|行业|领域|标准|使用|公开|结果"
    "|内部|结合|主要|重点|具体|参与|方面|作用|能力|水平|行为|当事人|统一|产品|委员会|管理局|人民政府|中华人民共和国"
)


def derive_keywords(documents: Sequence[Document], index: DocumentIndex | None = None) -> Mapping[str, tuple[str, ...]]:
    """The keywords of each document by slug: its own in their order, then up to EXTRACTED others, best first.

    The same documents give the same answer. `index` is that of the documents where there is one already.
    """
    known = index or DocumentIndex(documents)
    return {document.slug: (*document.keywords, *_extracted(document, known)) for document in documents}


def _extracted(document: Document, index: DocumentIndex) -> list[str]:
    """Phrases of the document, none of them a part of another or of a stated keyword."""
    stated = [fold_text(keyword) for keyword in document.keywords]
    chosen: list[str] = []
    for phrase in _ranked(document.title, index.texts[document.slug], index):
        part = any(fold_text(phrase) in keyword for keyword in stated)
        if not part and not any(phrase in other or other in phrase for other in chosen):
            chosen.append(phrase)
        if len(chosen) == EXTRACTED:
            break
    return chosen


def _ranked(title: str, text: str, index: DocumentIndex) -> list[str]:
    """All phrases that may be keywords, best first."""
    runs = [*_runs(title), *_runs(text)]
    counts = _repeats(runs)
    total = sum(map(len, runs))
    phrases = [phrase for phrase in counts if len(phrase) >= SHORTEST and _is_wordlike(phrase)]
    sides = _neighbours(runs, frozenset(phrases))
    scores = {}
    for phrase in phrases:
        halves = ((phrase[:cut], phrase[cut:]) for cut in range(1, len(phrase)))
        bound = min(counts[phrase] * total / (counts[left] * counts[right]) for left, right in halves)
        scores[phrase] = (
            math.log(1 + counts[phrase])
            * math.log(1 + bound)
            * min(map(_entropy, sides[phrase]))
            * min(len(phrase) - 1, _LENGTH_COUNTS)
            * index.rarity(phrase)
            * (_TITLE if phrase in title else 1)
        )
    ranked = sorted(scores, key=lambda phrase: (-scores[phrase], phrase))
    return [phrase for phrase in ranked if scores[phrase] > 0]


def _runs(text: str) -> list[str]:
    """Stretches of Chinese characters that no article number and no word of grammar interrupts."""
    return [run for run in _CUT.split(_ARTICLE.sub(" ", text)) if run]


def _repeats(runs: Sequence[str]) -> Counter[str]:
    """How often each phrase stands in the text that stands there twice or more, and each character."""
    counts = Counter(character for run in runs for character in run)
    for length in range(SHORTEST, LONGEST + 1):
        # Only where both halves recur can the whole recur.
        level = Counter(
            phrase
            for run in runs
            for phrase in (run[start : start + length] for start in range(len(run) - length + 1))
            if phrase[:-1] in counts and phrase[1:] in counts
        )
        counts.update({phrase: count for phrase, count in level.items() if count > 1})
    return counts


def _is_wordlike(phrase: str) -> bool:
    return not _COMMON.fullmatch(phrase) and not _BAD_BEGIN.match(phrase) and not _BAD_END.search(phrase)


def _neighbours(runs: Sequence[str], phrases: frozenset[str]) -> Mapping[str, tuple[Counter[object], Counter[object]]]:
    """What stands before and behind each phrase; the end of a run is something else every time."""
    sides: dict[str, tuple[Counter[object], Counter[object]]] = {phrase: (Counter(), Counter()) for phrase in phrases}
    for number, run in enumerate(runs):
        for length in range(SHORTEST, LONGEST + 1):
            for start in range(len(run) - length + 1):
                if (phrase := run[start : start + length]) in sides:
                    end = start + length
                    sides[phrase][0][run[start - 1] if start else number] += 1
                    sides[phrase][1][run[end] if end < len(run) else number] += 1
    return sides


def _entropy(counts: Counter[object]) -> float:
    total = counts.total()
    return -sum(count / total * math.log(count / total) for count in counts.values())
