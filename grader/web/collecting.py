"""Collects what reading and judging say to students, for the catalogue of translations.

The layers below know one language. They write a sentence where they find the fault, as a literal or an f-string, and
a sentence may hold others: `You gave {found}; …` with a found `a vector of 3 entries`. All of these are collected here
as templates, `You gave %(1)s; …`, so that a new one cannot be forgotten; `answer_words` finds them in what was said.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import IO, Any

CONTEXT = "answer"
"""What marks these texts among all of a catalogue."""
NUMBER = "number"
"""The placeholder of a number that counts a noun."""

Found = tuple[int, str, tuple[str, str], list[str]]

_SENTENCE = re.compile(r"(?! |.*\(\?).*[A-Za-z].* .*[.?]", re.DOTALL)
_PHRASE = re.compile(r"(?=\w.* )[^\\<\"]*[A-Za-z]{2}[^\\<\"]*", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\(\w+\)s")
_LEFT_OUT = frozenset(
    {
        # what the author of a problem is told
        *("key_fault", "set_fault", "check_names", "__post_init__", "ValueError", "InvalidRequest"),
        # examples of answers, and patterns
        *("examples", "set_examples", "compile"),
        # for the record alone
        *("OutOfBudget", "Contradiction"),
        # what `verdict_words` makes once more, with the numbers as they are written on the page
        *("_explain_counterexample", "_explain_undefined"),
    }
)
_COUNTING = "count_words"


def said(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """The templates in a file, as Babel asks for them.

    Options: with `phrases` also what stands inside of sentences, with `words` single words that a function gives back;
    with `within` only what these calls, functions, classes and constants hold.
    """
    del keywords, comment_tags
    within = frozenset(str(options.get("within", "")).split())
    collector = _Collector(within, takes_phrases="phrases" in options, takes_words="words" in options)
    collector.visit(ast.parse(file.read()))
    for line, template in collector.found:
        yield line, "pgettext", (CONTEXT, template), []


class _Collector(ast.NodeVisitor):
    """Walks a module; `found` holds the lines and templates of what it says to students."""

    def __init__(self, within: frozenset[str], *, takes_phrases: bool, takes_words: bool) -> None:
        self.within = within
        self.takes_phrases = takes_phrases
        self.takes_words = takes_words
        self.is_within = not within
        self.found: list[tuple[int, str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Its body, where that is for students."""
        self._visit_in([node.name], node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Its methods; the fields are names and meanings for the documentation."""
        self._visit_in([node.name], [each for each in node.body if not isinstance(each, ast.Assign | ast.AnnAssign)])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Its value, not its type."""
        if node.value is not None:
            self._visit_in([name_of(node.target)], [node.value])

    def visit_Assign(self, node: ast.Assign) -> None:
        """Its value; one assignment may have several targets."""
        names = [name_of(each) for target in node.targets for each in ast.walk(target) if isinstance(each, ast.expr)]
        self._visit_in(names, [node.value])

    def visit_Expr(self, node: ast.Expr) -> None:
        """No docstring."""
        if not isinstance(node.value, ast.Constant):
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """Its arguments, where they are for students; nouns that are counted are two templates."""
        called = name_of(node.func)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if called == _COUNTING:
            nouns = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            self._add(node, *(f"%({NUMBER})s {noun}" for noun in nouns))
            return
        self.visit(node.func)
        self._visit_in([called], arguments)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """What it gives back, which may be a single word such as `expanded`."""
        self._take_word(node.body)
        self.visit(node.body)

    def visit_Return(self, node: ast.Return) -> None:
        """What a function gives back, which may be a single word such as `square`."""
        if node.value is not None:
            self._take_word(node.value)
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A text that is a sentence or a phrase."""
        if isinstance(node.value, str) and " " in node.value.strip():
            self._take(node, node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A template, and what its own expressions hold."""
        self._take(node, template_of(node))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def _visit_in(self, names: Sequence[str], nodes: Sequence[ast.AST]) -> None:
        """What stands in something of these names."""
        if not _LEFT_OUT.isdisjoint(names):
            return
        before, self.is_within = self.is_within, self.is_within or not self.within.isdisjoint(names)
        for node in nodes:
            self.visit(node)
        self.is_within = before

    def _take_word(self, node: ast.expr) -> None:
        given = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
        words = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if self.takes_words:
            self._add(node, *filter(str.isalpha, words))

    def _take(self, node: ast.expr, template: str) -> None:
        words = _PLACEHOLDER.sub("0", template)
        if _SENTENCE.fullmatch(words) or (self.takes_phrases and _PHRASE.fullmatch(words)):
            self._add(node, template)

    def _add(self, node: ast.expr, *templates: str) -> None:
        if self.is_within:
            self.found += [(node.lineno, template) for template in templates]


def template_of(node: ast.JoinedStr) -> str:
    """The f-string with a numbered placeholder for every value."""
    pieces: list[str] = []
    number = 0
    for part in node.values:
        number += not isinstance(part, ast.Constant)
        pieces.append(str(part.value) if isinstance(part, ast.Constant) else f"%({number})s")
    return "".join(pieces)


def name_of(node: ast.expr) -> str:
    """The last name of what is called."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
