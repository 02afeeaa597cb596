"""Numbers of orders: as they are printed above the text, and as they are cited (facts, 9: 国家发展改革委令第58号)."""

import re

_ORDER = re.compile(r"(?P<office>[\u4e00-\u9fff]{2,30})(?P<rest>令.*)")
_STATE = "中华人民共和国"
_AND = re.compile(r"(?<=[\u4e00-\u9fff]{2})和(?=[\u4e00-\u9fff]{2})")


def usual_order(number: str) -> str:
    """The number as it is cited: without the state's name, and the commissions of the State Council in short.

    中华人民共和国国家发展和改革委员会令第58号 is 国家发展改革委令第58号. Characters are left out, none is put in. The
    President's orders keep the state's name; other numbers stay.
    """
    match = _ORDER.fullmatch(number)
    if match is None:
        return number
    office = match["office"]
    if office.startswith(_STATE) and "主席" not in office and len(office) > len(_STATE):
        office = office.removeprefix(_STATE)
    if office.startswith("国家") and office.endswith("委员会"):
        office = _AND.sub("", office.removesuffix("员会"))
    return office + match["rest"]


def order_office(number: str) -> str | None:
    """Whose order it is, as printed; None if it is no order's number."""
    match = _ORDER.fullmatch(number)
    return match["office"] if match else None
