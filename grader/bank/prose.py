"""Slips in the texts of a file that are no faults, but print something other than was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from grader.bank.findings import WARNING, Finding
from grader.bank.problem import Problem
from grader.bank.source import Path
from grader.bank.wording import ENGLISH, LANGUAGES
from grader.reading.names import canonical

_CODE = re.compile(r"`[^`\n]*`|\\\$")
_DOLLARS = re.compile(r"\$\$?")
_PARAGRAPH = re.compile(r"(?:(?!\n[ \t]*\n)[\s\S])+")
_SINGLE = re.compile(r"(?<![\w}^_\\{])\{\s+([^\W\d_]\w*)\s+\}(?!\})")
_COMMENT = re.compile(r"\s+#")
_FORMULAS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_ONE_LINE = ("ask", "solution")


def prose_slips(problem: Problem) -> Iterator[Finding]:
    """What YAML cuts off, dollar signs without a partner, single braces around a quantity's name."""
    for whole in text_paths(problem):
        for path in _in_languages(problem, whole):
            text = str(problem.document.value(path))
            yield from _cut_off(problem, path, text)
            if whole != ("title",):
                shown = _CODE.sub(lambda match: " " * len(match[0]), text)
                yield from _unpaired(problem, path, shown)
                yield from _single_braces(problem, path, shown)


def _in_languages(problem: Problem, path: Path) -> Iterator[Path]:
    """Where a text stands, once for each language; nowhere for a text that is not there."""
    written = problem.document.value(path)
    if isinstance(written, Mapping):
        yield from ((*path, language) for language in written if language in LANGUAGES)
    elif isinstance(written, str):
        yield path


def missing_translations(problem: Problem) -> Iterator[Finding]:
    """Texts with words in them that stay English in a variant in another language."""
    document = problem.document
    for path in text_paths(problem):
        written = document.value(path)
        english = written.get(ENGLISH) if isinstance(written, Mapping) else written
        if not isinstance(english, str) or not _WORDS.search(_FORMULAS.sub(" ", english)):
            continue
        known = written if isinstance(written, Mapping) else (ENGLISH,)
        for language in problem.languages:
            if language not in known:
                message = f"There is no {LANGUAGES[language]} here, so the English text is shown."
                error = document.error(path, message, f"Write {{{ENGLISH}: …, {language}: …}}.")
                yield Finding.of(error, "translation", WARNING, problem.id)


def text_paths(problem: Problem) -> Iterator[Path]:
    """Where texts for students may stand."""
    yield from (("title",), ("prompt",), ("solution",), ("solution", "text"))
    yield from (("hints", place) for place in range(len(problem.hints)))
    for part in problem.parts:
        yield from ((*part.path, key) for key in _ONE_LINE)
        yield from ((*part.path, "options", option) for option in part.options)
        yield from ((*part.path, "feedback", case) for case in part.feedback)
        yield from ((*mistake.path, "feedback") for mistake in part.mistakes)


def _slip(problem: Problem, path: Path, message: str, repair: str, offset: int) -> Finding:
    error = problem.document.error(path, message, repair, offset=offset)
    return Finding.of(error, "text", WARNING, problem.id)


def _cut_off(problem: Problem, path: Path, text: str) -> Iterator[Finding]:
    """Where a text without quotes ends before ` #`."""
    document = problem.document
    place = document.values.get(path)
    if place is None or place.style:
        return
    row = document.lines[place.line - 1]
    end = row.find(text, place.column - 1) + len(text)
    if row.startswith(text, place.column - 1) and _COMMENT.match(row[end:]):
        yield _slip(problem, path, "From the # on, this is a comment to YAML.", "Put the text in quotes.", len(text))


def _unpaired(problem: Problem, path: Path, text: str) -> Iterator[Finding]:
    """A paragraph in which formulas open and do not close."""
    for paragraph in _PARAGRAPH.finditer(text):
        signs = list(_DOLLARS.finditer(paragraph[0]))
        if len(signs) % 2:
            offset = paragraph.start() + signs[-1].start()
            message = "The dollar signs of this paragraph do not pair up."
            yield _slip(problem, path, message, "Open and close each formula; a price is \\$.", offset)


def _single_braces(problem: Problem, path: Path, text: str) -> Iterator[Finding]:
    """`{ a }`, which prints a letter, where `{{ a }}` would print its value."""
    for match in _SINGLE.finditer(text):
        if canonical(match[1]) in {*problem.parameters, *problem.derived}:
            message = f"Single braces print the letters {match[1]!r} and not its value."
            yield _slip(problem, path, message, f"Write {{{{ {match[1]} }}}}.", match.start())
