"""QTI 2.1 and 3.0: an item for each variant, an interaction for each part, in a content package."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from grader.bank.packing import zipped
from grader.bank.problem import Problem
from grader.bank.variant import Variant, VariantPart, points_to_json
from grader.web.exchange.questions import Essay, Number, Options, Question, Words, questions_of
from grader.web.exchange.texts import document, xhtml, xhtml_line
from grader.web.mathml import ELEMENTS

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
LONGEST_ANSWER = 40
SCORE = "SCORE"


@dataclass(frozen=True, slots=True)
class Edition:
    """What the two versions of the standard call things."""

    item: str
    item_schema: str
    package: str
    package_schema: str
    schema: str
    version: str
    resource: str
    is_third: bool


EDITIONS: Mapping[str, Edition] = {
    "qti21": Edition(
        "http://www.imsglobal.org/xsd/imsqti_v2p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
        "QTIv2.1 Package",
        "1.0.0",
        "imsqti_item_xmlv2p1",
        is_third=False,
    ),
    "qti30": Edition(
        "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
        "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
        "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
        "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd",
        "QTI Package",
        "3.0.0",
        "imsqti_item_xmlv3p0",
        is_third=True,
    ),
}


def qti_package(problem: Problem, variants: Sequence[Variant], edition: Edition) -> bytes:
    """A content package with an item for each of these variants."""
    names = [f"items/{problem.id}-{variant.seed}.xml" for variant in variants]
    files = {"imsmanifest.xml": document(_manifest(problem, names, edition))}
    for name, variant in zip(names, variants, strict=True):
        files[name] = document(_item(problem, variant, edition))
    return zipped(files)


def _manifest(problem: Problem, names: Sequence[str], edition: Edition) -> ET.Element:
    root = ET.Element("manifest", identifier=f"package-{problem.id}")
    _declare(root, edition.package, edition.package_schema)
    metadata = _put(root, "metadata")
    _put(metadata, "schema").text = edition.schema
    _put(metadata, "schemaversion").text = edition.version
    _put(root, "organizations")
    resources = _put(root, "resources")
    for number, name in enumerate(names, 1):
        resource = _put(resources, "resource", identifier=f"item-{number}", type=edition.resource, href=name)
        _put(resource, "file", href=name)
    ET.indent(root)
    return root


def _declare(root: ET.Element, namespace: str, schema: str) -> None:
    root.set("xmlns", namespace)
    root.set("xmlns:xsi", INSTANCE)
    root.set("xsi:schemaLocation", f"{namespace} {schema}")


def _item(problem: Problem, variant: Variant, edition: Edition) -> ET.Element:
    """The item: declarations, what is asked, how it is scored; in this order, as the standard wants it."""
    root = ET.Element(
        "assessmentItem",
        identifier=f"{problem.id}-{variant.seed}",
        title=f"{problem.title}, variant {variant.seed}",
        adaptive="false",
        timeDependent="false",
    )
    questions = questions_of(variant)
    for question in questions:
        _declaration(root, question)
    _outcome(root, SCORE, "0", is_by_person=edition.is_third and any(_is_essay(each) for each in questions))
    _outcome(root, "MAXSCORE", str(points_to_json(variant.max_score)))
    body = _put(root, "itemBody")
    _put(body, "div").extend(xhtml(variant.prompt))
    for question in questions:
        _interaction(body, question)
    judged = [question for question in questions if not _is_essay(question)]
    if judged:
        processing = _put(root, "responseProcessing")
        for question in judged:
            _scoring(processing, question)
    if edition.is_third:
        _rename(root)
    _declare(root, edition.item, edition.item_schema)
    return root


def _is_essay(question: Question) -> bool:
    return isinstance(question.kind, Essay)


def _name(part: VariantPart) -> str:
    return f"RESPONSE-{part.id}"


def _declaration(root: ET.Element, question: Question) -> None:
    kind = question.kind
    base = {Number: "float", Options: "identifier"}.get(type(kind), "string")
    cardinality = "multiple" if isinstance(kind, Options) and kind.is_multiple else "single"
    name = _name(question.part)
    made = _put(root, "responseDeclaration", identifier=name, cardinality=cardinality, baseType=base)
    values: tuple[str, ...] = ()
    match kind:
        case Number():
            values = (kind.value,)
        case Words():
            values = kind.spellings[:1]
        case Options():
            values = kind.right
    if values:
        correct = _put(made, "correctResponse")
        for value in values:
            _put(correct, "value").text = value


def _outcome(root: ET.Element, name: str, value: str, *, is_by_person: bool = False) -> None:
    made = _put(root, "outcomeDeclaration", identifier=name, cardinality="single", baseType="float")
    if is_by_person:
        made.set("externalScored", "human")
    _put(_put(made, "defaultValue"), "value").text = value


def _interaction(body: ET.Element, question: Question) -> None:
    part, kind = question.part, question.kind
    name, ask = _name(part), xhtml_line(part.ask)
    if isinstance(kind, Options):
        most = str(len(kind.options)) if kind.is_multiple else "1"
        made = _put(body, "choiceInteraction", responseIdentifier=name, shuffle="true", maxChoices=most)
        _move(ask, _put(made, "prompt"))
        for option, text in kind.options:
            _move(xhtml_line(text), _put(made, "simpleChoice", identifier=option))
        return
    block = _put(body, "div")
    if isinstance(kind, Essay):
        made = _put(block, "extendedTextInteraction", responseIdentifier=name)
        _move(ask, _put(made, "prompt"))
        return
    block.append(ask)
    if part.notes:
        block.append(xhtml_line(" ".join(part.notes)))
    line = _put(block, "p")
    _put(line, "textEntryInteraction", responseIdentifier=name, expectedLength=str(LONGEST_ANSWER))


def _move(source: ET.Element, target: ET.Element) -> None:
    """All that is inside of one element into another."""
    target.text = source.text
    target.extend(list(source))


def _scoring(processing: ET.Element, question: Question) -> None:
    """The points of the part added to the score where the response is right."""
    part, kind = question.part, question.kind
    branch = _put(_put(processing, "responseCondition"), "responseIf")
    if isinstance(kind, Number):
        ends = f"{kind.tolerance} {kind.tolerance}"
        test = _put(branch, "equal", toleranceMode="absolute", tolerance=ends) if kind.tolerance != "0" else None
        test = _put(branch, "equal", toleranceMode="exact") if test is None else test
        _put(test, "variable", identifier=_name(part))
        _put(test, "correct", identifier=_name(part))
    elif isinstance(kind, Words):
        either = _put(branch, "or")
        for spelling in kind.spellings:
            test = _put(either, "stringMatch", caseSensitive="true")
            _put(test, "variable", identifier=_name(part))
            _put(test, "baseValue", baseType="string").text = spelling
    else:
        test = _put(branch, "match")
        _put(test, "variable", identifier=_name(part))
        _put(test, "correct", identifier=_name(part))
    total = _put(_put(branch, "setOutcomeValue", identifier=SCORE), "sum")
    _put(total, "variable", identifier=SCORE)
    _put(total, "baseValue", baseType="float").text = str(points_to_json(part.points))


def _put(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


OF_HTML = frozenset({"div", "p", "span", "code", "em", "strong", "pre", "ul", "ol", "li", "table", "blockquote"})
OF_HTML |= frozenset({"thead", "tbody", "tr", "th", "td", "br", "hr", "a", "h1", "h2", "h3", "h4", "h5", "h6"})
_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")


def _rename(root: ET.Element) -> None:
    """The names of version 3.0: `responseIf` is `qti-response-if`; XHTML and MathML keep theirs."""
    for element in root.iter():
        if element.tag in OF_HTML or ELEMENTS.fullmatch(element.tag):
            continue
        element.tag = "qti-" + _CAPITAL.sub(r"-\1", element.tag).lower()
        for name in [name for name in element.attrib if _CAPITAL.search(name)]:
            element.set(_CAPITAL.sub(r"-\1", name).lower(), element.attrib.pop(name))
