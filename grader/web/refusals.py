"""Collects the sentences of refusals for the catalogue of translations, those with values in them included.

Services and LTI say what they refuse in one language, often with a number or a name in the sentence, or as a constant
that many places share. Babel's own extractor sees neither. Here a sentence with values becomes a template that
`answer_words` finds again, and one without is a text like those that stand where they are raised.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from babel.messages.extract import extract_python

from grader.web.collecting import CONTEXT, name_of, template_of
from grader.web.formats import words

ERRORS = frozenset(
    {
        *("NotFound", "Forbidden", "Conflict", "InvalidRequest", "Closed", "NoTriesLeft", "Unauthenticated"),
        *("LaunchRefused", "PlatformFailed", "ReasonMissing", "TooManyRequests", "Unavailable"),
    }
)
"""Errors whose sentences people read."""
NAMING = "line"
"""The function that is told the name of a field, which its refusals say."""

_SENTENCE = re.compile(r"[A-Z%].* .*[.?!]", re.DOTALL)
_WORD = re.compile("[a-z ]+")
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


def refused(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Any]:
    """What Babel finds in a file of Python, then the sentences of its refusals."""
    yield from extract_python(file, keywords, comment_tags, options)  # type: ignore[arg-type]
    file.seek(0)
    for line, text in _texts(ast.parse(file.read())):
        if _PLACEHOLDER.search(text) or _WORD.fullmatch(text):
            yield line, "pgettext", (CONTEXT, text), []
        else:
            yield line, "gettext", text, []


def mistakes(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Any]:
    """What Babel finds in the catalogue of mistakes, then their names as pages show them."""
    yield from extract_python(file, keywords, comment_tags, options)  # type: ignore[arg-type]
    file.seek(0)
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and name_of(node.func) == "Mistake":
            yield node.lineno, "gettext", words(_constant(node.args[0])), []


def _texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The lines and texts: constants of the module, what is raised or given back, and names of fields."""
    for constant in module.body:
        if isinstance(constant, ast.Assign) and all(name_of(target).isupper() for target in constant.targets):
            yield from _sentences(constant.value)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            yield from _in_function(node)


def _in_function(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    """What one function refuses."""
    named: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _sentences(node.value)
        elif isinstance(node, ast.Call) and node.args and name_of(node.func) in ERRORS:
            first = node.args[0]
            named.update({first.id} if isinstance(first, ast.Name) else ())
            yield from _sentences(first)
        elif isinstance(node, ast.Call) and name_of(node.func) == NAMING:
            yield from ((node.lineno, name.replace("_", " ")) for name in map(_constant, node.args[1:2]) if name)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and named.intersection(map(name_of, node.targets)):
            yield from _sentences(node.value)


def _sentences(node: ast.expr) -> Iterator[tuple[int, str]]:
    """The sentences that an expression may be."""
    if isinstance(node, ast.IfExp):
        yield from _sentences(node.body)
        yield from _sentences(node.orelse)
        return
    text = template_of(node) if isinstance(node, ast.JoinedStr) else _constant(node)
    if _SENTENCE.fullmatch(text):
        yield node.lineno, text


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
