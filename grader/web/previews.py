"""How a response is read, shown before it is submitted; nothing is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from grader.answers import BY_NAME
from grader.answers.base import Answer, Context, read_response
from grader.bank.variant import VariantPart
from grader.bank.wording import ENGLISH
from grader.errors import AnswerError
from grader.grading import read_part, settings_of
from grader.reading.printing import to_latex, to_mathml, to_text
from grader.reading.speaking import to_words
from grader.reading.text import read
from grader.reading.tree import ONE, Tree, divide, multiply, name, number, power, rebuild
from grader.web.answer_words import in_page_words
from grader.web.fields import Cells, Fault, Typed, box_fault, fault_of, place_words
from grader.web.languages import page_language
from grader.web.mathml import polished

GAP = "□"
ONE_VALUE = frozenset({"number", "expression"})
"""Types of answers that hold no comma."""
NOTHING = Markup()


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of the two ways to read a response: what to type so that it is the only one, typeset and in words."""

    text: str
    mathml: Markup
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The response typeset, in plain notation, in words and in LaTeX, remarks on the reading, or the fault in it.

    `second` is the other way to read it, None where there is none.
    """

    mathml: Markup = NOTHING
    read_as: str = ""
    words: str = ""
    latex: str = ""
    second: Meaning | None = None
    notices: tuple[str, ...] = ()
    error: Fault | None = None


def preview_of(part: VariantPart, text: str, typed: Typed | None = None, language: str = ENGLISH) -> Preview:
    """The preview of a response; while a grid has gaps or faults, its boxes are read one by one."""
    if not text.strip() or not BY_NAME[part.type].is_mathematical:
        return Preview()
    cells = typed.cells if typed and not typed.whole.strip() else ()
    if any(cell and box_fault(part, (0, 0), cell) for row in cells for cell in row) or not all(map(all, cells)):
        return _preview_of_boxes(part, cells, language)
    try:
        answer = read_part(part, text)
    except AnswerError as error:
        return Preview(error=fault_of(part, text, error))
    return _preview_of_answer(part, answer, language)


def preview_of_latex(part: VariantPart, latex: str, language: str = ENGLISH) -> Preview:
    """The preview of what stands in a visual editor; `read_as` is what its text field gets."""
    if not latex.strip():
        return Preview()
    context = Context(part.domain, part.vocabulary, "latex")
    try:
        answer = read_response(BY_NAME[part.type], latex, settings_of(part), context)
    except AnswerError as error:
        return Preview(error=replace(Fault.of(error, ""), start=0, end=0))  # a place in LaTeX says nothing here
    return _preview_of_answer(part, answer, language)


def typeset(tree: Tree, language: str = "") -> Markup:
    """The tree as MathML, with what is said aloud for who does not see it, in this language or that of the page."""
    named = Markup('<math aria-label="{}"').format(to_words(tree, language or page_language()))
    return polished(to_mathml(tree)).replace(Markup("<math"), named, 1)


def meanings(part: VariantPart, answer: Answer, language: str = "") -> tuple[Meaning, ...]:
    """The two ways to read a response, as it was read first; none where there is but one."""
    if answer.second is None:
        return ()
    return tuple(_meaning(part, tree, language) for tree in (answer.tree, answer.second))


def preview_to_json(preview: Preview) -> Mapping[str, Any]:
    """What the browser's module shows."""
    return {
        "mathml": str(preview.mathml),
        "read_as": preview.read_as,
        "words": preview.words,
        "latex": preview.latex,
        "second": asdict(preview.second) if preview.second else None,
        "notices": [{"text": text} for text in preview.notices],
        "error": asdict(preview.error) if preview.error else None,
    }


def _meaning(part: VariantPart, tree: Tree, language: str) -> Meaning:
    text = BY_NAME[part.type].show(unambiguous(tree), settings_of(part))
    return Meaning(text, typeset(tree, language), to_words(tree, language or page_language()))


def unambiguous(tree: Tree) -> Tree:
    """The tree as it can be written with one reading only: `1.5e-3` as `1.5*10^(-3)`, `x^1/2` as `1/2*x^1`."""
    return rebuild(tree, _plainly)


def _plainly(node: Tree) -> Tree:
    mantissa, sign, exponent = node.value.partition("e")
    if node.kind == "number" and sign:
        return multiply(number(mantissa), power(number(10), number(int(exponent))))
    if node.kind == "quotient" and node.args[0].kind == "power":
        return multiply(divide(ONE, node.args[1]), node.args[0])
    return node


def _preview_of_answer(part: VariantPart, answer: Answer, language: str) -> Preview:
    tree = answer.tree
    both = meanings(part, answer, language)
    return Preview(
        typeset(tree, language),
        to_text(tree),
        to_words(tree, language),
        to_latex(tree),
        both[1] if both else None,
        (*(in_page_words(notice.text) for notice in answer.notices), *_comma_words(part, tree)),
    )


def _comma_words(part: VariantPart, tree: Tree) -> tuple[str, ...]:
    """What is said where one value is asked for and a comma makes two: it was often meant as a decimal comma."""
    if part.type in ONE_VALUE and tree.kind == "list":
        return (str(gettext("The comma separates two values. A decimal number has a point here, such as 3.5.")),)
    return ()


def _preview_of_boxes(part: VariantPart, cells: Cells, language: str) -> Preview:
    """Each filled box read by itself, the others shown as gaps."""
    rows: list[Tree] = []
    notices: list[str] = []
    for i, row in enumerate(cells):
        entries: list[Tree] = []
        for j, text in enumerate(row):
            if not text:
                entries.append(name(GAP))
                continue
            if fault := box_fault(part, (i, j), text):
                return Preview(error=fault)
            reading = read(text, part.vocabulary)
            notices += [f"{place_words((i, j))}: {in_page_words(notice.text)}" for notice in reading.notices]
            entries.append(reading.tree)
        rows.append(Tree("row", tuple(entries)))
    tree = Tree("matrix", tuple(rows))
    return Preview(typeset(tree, language), "", to_words(tree, language), notices=tuple(notices))
