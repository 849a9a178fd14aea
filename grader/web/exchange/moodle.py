"""Moodle XML: each part of each variant as a question, in a category of its problem."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from grader.bank.problem import Problem
from grader.bank.variant import Variant, points_to_json
from grader.web.exchange.questions import Essay, Number, Options, Question, Words, asked, questions_of
from grader.web.exchange.texts import document, latex_html, latex_line
from grader.web.marks import letter

OTHER_SPELLING = "Your answer may be right all the same: only a few spellings are known here. Ask your teacher."


def moodle_xml(problem: Problem, variants: Sequence[Variant]) -> bytes:
    """A Moodle XML file with the questions of these variants."""
    quiz = ET.Element("quiz")
    category = ET.SubElement(quiz, "question", type="category")
    _text(category, "category", f"$course$/top/{problem.topic}/{problem.id}")
    for variant in variants:
        questions = questions_of(variant)
        for place, question in enumerate(questions):
            part = f", part {letter(place)}" if len(questions) > 1 else ""
            quiz.append(_question(variant, question, f"{problem.title}, variant {variant.seed}{part}"))
    ET.indent(quiz)
    return document(quiz)


def _question(variant: Variant, question: Question, name: str) -> ET.Element:
    kinds = {Number: "numerical", Words: "shortanswer", Options: "multichoice", Essay: "essay"}
    part = question.part
    made = ET.Element("question", type=kinds[type(question.kind)])
    _text(made, "name", name)
    _html(made, "questiontext", latex_html(f"{variant.prompt}\n\n{asked(part)}"))
    solution = "\n\n".join(text for text in (part.solution, variant.solution) if text.strip())
    _html(made, "generalfeedback", latex_html(solution))
    _plain(made, "defaultgrade", f"{points_to_json(part.points)}")
    _plain(made, "penalty", "0")
    _plain(made, "hidden", "0")
    _plain(made, "idnumber", f"{variant.problem_id}-{variant.seed}-{part.id}")
    match question.kind:
        case Number() as number:
            _number(made, question, number)
        case Words() as words:
            _words(made, question, words)
        case Options() as options:
            _options(made, question, options)
        case Essay() as essay:
            _essay(made, essay)
    for hint in variant.hints:
        _html(made, "hint", latex_html(hint))
    return made


def _number(made: ET.Element, question: Question, number: Number) -> None:
    answer = _answer(made, "100", number.value, question.part.feedback.get("right", ""))
    _plain(answer, "tolerance", number.tolerance)
    wrong = question.part.feedback.get("wrong", "")
    if wrong:
        _plain(_answer(made, "0", "*", wrong), "tolerance", "0")
    for name, value in (("unitgradingtype", "0"), ("unitpenalty", "0.1"), ("showunits", "3"), ("unitsleft", "0")):
        _plain(made, name, value)


def _words(made: ET.Element, question: Question, words: Words) -> None:
    _plain(made, "usecase", "1")
    for spelling in words.spellings:  # a star stands for any text there, unless it is escaped
        _answer(made, "100", spelling.replace("*", r"\*"), question.part.feedback.get("right", ""))
    _answer(made, "0", "*", f"{question.part.feedback.get('wrong', '')} {OTHER_SPELLING}".strip())


def _options(made: ET.Element, question: Question, options: Options) -> None:
    _plain(made, "single", "false" if options.is_multiple else "true")
    _plain(made, "shuffleanswers", "true")
    _plain(made, "answernumbering", "none")
    share = f"{100 / max(len(options.right), 1):.7g}" if options.is_multiple else "100"
    for option, text in options.options:
        is_right = option in options.right
        fraction = share if is_right else "-100" if options.is_multiple else "0"
        feedback = question.part.feedback.get("right" if is_right else "wrong", "")
        answer = _answer(made, fraction, latex_line(text), feedback)
        answer.set("format", "html")


def _essay(made: ET.Element, essay: Essay) -> None:
    for name, value in (
        ("responseformat", "plain"),
        ("responserequired", "1"),
        ("responsefieldlines", "5"),
        ("attachments", "0"),
        ("attachmentsrequired", "0"),
    ):
        _plain(made, name, value)
    _html(made, "graderinfo", latex_html(f"The key, in plain notation:\n\n    {essay.key}"))
    _html(made, "responsetemplate", "")


def _answer(made: ET.Element, fraction: str, text: str, feedback: str) -> ET.Element:
    answer = ET.SubElement(made, "answer", fraction=fraction, format="moodle_auto_format")
    _plain(answer, "text", text)
    _html(answer, "feedback", latex_line(feedback))
    return answer


def _plain(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _text(parent: ET.Element, name: str, text: str) -> None:
    _plain(ET.SubElement(parent, name), "text", text)


def _html(parent: ET.Element, name: str, markup: str) -> None:
    _plain(ET.SubElement(parent, name, format="html"), "text", markup)
