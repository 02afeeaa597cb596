"""The styles: contrast (WCAG 2.2, 1.4.3, 1.4.11; 国办发〔2017〕47号), line spacing, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "site_templates" / "static"
CSS = (STATIC / "css/site.css").read_text(encoding="utf-8")
PRINT = (STATIC / "css/print.css").read_text(encoding="utf-8")

PAPER = frozenset({"--paper", "--wash", "#fff"})
# On what each colour of text stands. Every colour in the styles is here, and every background.
SURFACES: dict[str, frozenset[str]] = {
    "--ink": PAPER | {"--amber-wash", "#ffe58a"},  # marked words inherit the ink
    "--soft": PAPER | {"--amber-wash", "#ffe58a"},
    "--blue": PAPER | {"#e9eef5"},
    "--blue-lit": PAPER | {"--amber-wash", "#ffe58a"},
    "--amber": PAPER | {"--amber-wash"},
    "--seal": PAPER | {"--seal-wash"},
    "#fff": frozenset({"--blue", "--blue-lit", "#0e2747", "#163f75"}),
    "#c9d8ec": frozenset({"--blue", "#0e2747"}),
}
# Borders by which a field is known to be one, and outlines of what has the focus.
EDGES = {
    "#8392a5": frozenset({"#fff"}),
    "--blue-lit": PAPER | {"--amber-wash"},
    "#fff": frozenset({"--blue", "#0e2747"}),
}
NO_COLOUR = {"inherit", "currentcolor", "transparent", "none"}


def rules(css: str) -> list[tuple[str, dict[str, str]]]:
    """(selector, declarations) of every rule, those in @media too."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = re.findall(r"([^{};]+)\{([^{}]*)\}", css)
    return [
        (
            selector.strip(),
            {name.strip(): value.strip() for name, _, value in (d.partition(":") for d in body.split(";"))},
        )
        for selector, body in found
    ]


PROPERTIES = next(body for selector, body in rules(CSS) if selector == ":root")


def plain(value: str) -> str:
    """`var(--ink)` as `--ink`; a colour as it is."""
    return re.sub(r"var\((--[a-z-]+)\)", r"\1", value)


def luminance(colour: str) -> float:
    """Relative luminance of a custom property or a `#rgb` or `#rrggbb` colour (WCAG 2.2)."""
    digits = PROPERTIES.get(colour, colour).removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") < 4.5


@pytest.mark.parametrize(
    ("text", "surface"), [(text, on) for text, all_on in SURFACES.items() for on in sorted(all_on)]
)
def test_text_can_be_read(text: str, surface: str) -> None:
    assert contrast(text, surface) >= 4.5


@pytest.mark.parametrize(("edge", "surface"), [(edge, on) for edge, all_on in EDGES.items() for on in sorted(all_on)])
def test_edges_can_be_seen(edge: str, surface: str) -> None:
    assert contrast(edge, surface) >= 3


def test_every_colour_in_use_is_in_the_table() -> None:
    texts = {plain(body["color"]) for _, body in rules(CSS) if "color" in body} - NO_COLOUR
    grounds = {
        plain(body[name]) for _, body in rules(CSS) for name in ("background", "background-color") if name in body
    }
    assert texts == set(SURFACES)
    assert grounds - NO_COLOUR == set().union(*SURFACES.values())


def test_every_pair_of_one_rule_is_in_the_table() -> None:
    pairs = {
        (selector, plain(body["color"]), plain(body["background"]))
        for selector, body in rules(CSS)
        if "color" in body
        and "background" in body
        and not {plain(body["color"]), plain(body["background"])} & NO_COLOUR
    }
    assert len(pairs) > 8
    assert {pair for pair in pairs if pair[2] not in SURFACES[pair[1]]} == set()


def test_custom_properties_are_defined_and_used() -> None:
    defined = {name for name in PROPERTIES if name.startswith("--")}
    assert defined == set(re.findall(r"var\((--[a-z-]+)\)", CSS + PRINT))


def test_lines_have_room() -> None:
    heights = [body["line-height"] for _, body in rules(CSS) + rules(PRINT) if "line-height" in body]
    assert heights
    assert [height for height in heights if float(height) < 1.3] == []
    assert "line-height" in next(body for selector, body in rules(CSS) if selector == "body")
    assert not any("font" in body for selector, body in rules(CSS) if selector == "body"), (
        "`font` would reset the spacing"
    )


def test_text_grows_with_the_reader() -> None:
    """Font sizes in pixels would not follow the large-text mode."""
    sizes = [body["font-size"] for _, body in rules(CSS) if "font-size" in body]
    assert [size for size in sizes if not re.fullmatch(r"[\d.]+(rem|em|%)", size)] == []


def test_printed_text_is_dark() -> None:
    """Browsers print no backgrounds: what is light on dark on the screen is told to be dark."""
    light = {s for s, body in rules(CSS) if body.get("color") in ("#fff", "#c9d8ec") and s.startswith(".foot")}
    assert light
    dark = {s.strip() for selector, body in rules(PRINT) if body.get("color") == "#000" for s in selector.split(",")}
    assert light <= dark


def test_nothing_is_loaded() -> None:
    for css in (CSS, PRINT):
        assert "url(" not in css
        assert "@import" not in css
        assert "http" not in css


def test_every_class_that_is_styled_is_used() -> None:
    """By a template or a script; a vanished class would leave its styles behind."""
    sources = [*STATIC.parent.rglob("*.html"), *(STATIC / "js").glob("*.js")]
    used = " ".join(path.read_text(encoding="utf-8") for path in sources)
    styled = {
        name for selector, _ in rules(CSS) + rules(PRINT) for name in re.findall(r"\.([a-z][a-z0-9-]*)", selector)
    }
    assert {name for name in styled if not re.search(rf"[\"' ]{name}[\"' ]", used)} == set()
