"""Columns of what may not even be collected: religion, genes, fingerprints, blood type, disease, medical history.

公共信用信息管理办法(试行), 苏政发〔2018〕23号, 第十四条 (JS-M 14). What a field is called is all there is to go by.
"""

import re
import unicodedata
from collections.abc import Iterator

from publish.model.issue import Issue, Level
from publish.model.source import FieldSpec, SourceTable

# Words that also stand in names of places, bodies and goods are let pass there: 宗教活动场所, 转基因, 疾病预防控制中心.
_CHINESE = re.compile(
    r"宗教(?!(?:活动|事务|团体|院校|教职|场所|临时|局|部门))|信教|(?<!转)基因|遗传信息|指纹|血型"
    r"|(?:疾病|病种|患病)(?!(?:预防|控制|防控|防治|监测))|病史|病历|既往病"
)
_ENGLISH = re.compile(
    r"\b(?:religions?|religious|gene|genes|genetics?|genomes?|genomic|dna|fingerprints?|blood (?:type|group)"
    r"|diseases?(?! (?:control|prevention))|illness(?:es)?|medical (?:history|records?)"
    r"|(?:disease|health) history)\b"
)
_HINT = "a column of what may not be collected (苏政发〔2018〕23号 第十四条); take it out of the data"


def prohibited_fields(table: SourceTable) -> Iterator[Issue]:
    """An error `field.prohibited` for each field whose name or title says that it holds such data."""
    for spec in table.schema.fields:
        if is_prohibited(spec):
            yield Issue(
                "field.prohibited",
                Level.ERROR,
                _HINT,
                package=table.package.name,
                resource=table.resource,
                field=spec.name,
            )


def is_prohibited(spec: FieldSpec) -> bool:
    """Whether a field is named after prohibited data."""
    return any(_CHINESE.search(text) or _ENGLISH.search(text) for text in map(_words, (spec.name, spec.title)))


def _words(name: str) -> str:
    """Lower case, full width folded, `bloodType` and `blood_type` as `blood type`, no spaces in Chinese."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    name = re.sub(r"[\W_\d]+", " ", name.casefold())
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", name)
