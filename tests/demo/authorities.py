"""The bureaus of the invented city, with credit codes of nobody."""

from dataclasses import dataclass
from typing import Final

from tests.demo.identifiers import credit_codes
from tests.demo.words import CITY, CITY_REGION, SHORT_CITY


@dataclass(frozen=True, slots=True)
class Authority:
    """A bureau: full name, and the mark in its document numbers (文号)."""

    name: str
    mark: str


def _bureau(name: str, mark: str) -> Authority:
    return Authority(CITY + name, SHORT_CITY + mark)


AUTHORITIES: Final = {
    "market": _bureau("市场监督管理局", "市监"),
    "safety": _bureau("应急管理局", "应急"),
    "environment": _bureau("生态环境局", "环"),
    "urban": _bureau("城市管理综合行政执法局", "城管"),
    "housing": _bureau("住房和城乡建设局", "住建"),
    "transport": _bureau("交通运输局", "交"),
    "health": _bureau("卫生健康委员会", "卫"),
    "fire": _bureau("消防救援支队", "消"),
    "labour": _bureau("人力资源和社会保障局", "人社"),
    "farming": _bureau("农业农村局", "农"),
    "fishery": _bureau("海洋与渔业局", "海渔"),
    "water": _bureau("水务局", "水"),
    "land": _bureau("自然资源和规划局", "自然资"),
    "culture": _bureau("文化广电旅游局", "文旅"),
    "education": _bureau("教育局", "教"),
    "tax": _bureau("税务局", "税"),
    "commerce": _bureau("商务和港口局", "商港"),
    "planning": _bureau("发展和改革委员会", "发改"),
}
AUTHORITY_KEYS: Final = tuple(AUTHORITIES)


def authority_codes() -> tuple[str, ...]:
    """Credit codes of the bureaus, in the order of AUTHORITY_KEYS: department 1, class 1 (organs of the state)."""
    size = len(AUTHORITY_KEYS)
    bodies = [f"0{10007 + 613 * number:07d}" for number in range(size)]
    return tuple(credit_codes(["11"] * size, [CITY_REGION] * size, bodies).to_list())
