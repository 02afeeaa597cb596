"""XML as events: no tree, no document type, no entities, so that nothing grows beyond the text."""

from collections.abc import Callable
from xml.parsers import expat

from publish.importers.policy.faults import NotReadable

MAX_DEPTH = 500


def parse_xml(
    data: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None] = lambda _: None,
) -> None:
    """Call back for each element, by local names. Raises ExpatError, and NotReadable `import.bad-docx`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise NotReadable("import.bad-docx", f"the document's XML nests deeper than {MAX_DEPTH}")
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_local(name))

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(data, True)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(name: str, system: str | None, public: str | None, internal: int) -> None:
    raise NotReadable("import.bad-docx", "the document's XML has a document type, which Word never writes")
