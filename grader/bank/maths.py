"""Reading the mathematics of a file, with every fault at its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from grader.bank.conditions import Condition, read_condition
from grader.bank.faults import nearest
from grader.bank.naming import DERIVED, PARAMETER, SYMBOL, VARIABLE, Names
from grader.bank.source import Document, Path
from grader.bank.templates import Template, parse
from grader.errors import AnswerError, BankError
from grader.reading.names import Vocabulary, canonical
from grader.reading.text import read
from grader.reading.tree import Tree, names_in, walk

_WORD = re.compile(r"[^\W\d_]\w+")


@dataclass
class Maths:
    """Reads expressions, conditions and templates in the names of a problem."""

    document: Document
    errors: list[BankError]
    names: Names
    vocabulary: Vocabulary
    words: set[str] = field(default_factory=set)
    printed: set[str] = field(default_factory=set)

    def fault(self, path: Path, message: str, repair: str = "", offset: int | None = None) -> None:
        """Report a fault at a character of the value at a path."""
        self.errors.append(self.document.error(path, message, repair, offset=offset))

    def expression(self, text: str, path: Path) -> Tree | None:
        """The tree of an expression, None where it cannot be read, which is reported."""
        try:
            tree = self.tree(text)
        except AnswerError as error:
            self.fault(path, error.message, error.repair, error.start)
            return None
        return tree if self._no_words(tree, path) else None

    def tree(self, text: str) -> Tree:
        """The tree of an expression; raises AnswerError."""
        tree = read(text, self.vocabulary).tree
        self._no_slips(text, tree)
        return tree

    def _no_slips(self, text: str, tree: Tree) -> None:
        """A slip such as `ff` or `slopex` must not be taken in silence for a product of quantities."""
        leaves = [node for node in walk(tree) if node.kind in {"name", "constant"}]
        for word in _WORD.finditer(text):
            if canonical(word[0]) in self.names.roles:
                continue
            inside = [node.value for node in leaves if word.start() <= node.start and node.end <= word.end()]
            derived = [name for name in inside if len(name) > 1 or self.names.roles.get(name) == DERIVED]
            if len(inside) > 1 and (derived or len(set(inside)) < len(inside)):
                near = get_close_matches(word[0], self.names.roles, n=1, cutoff=0.6)
                guess = f"Did you mean {near[0]!r}? " if near else ""
                message = f"There is no {word[0]!r}; it would be read as a product of {', '.join(inside)}."
                raise AnswerError(message, word.start(), word.end(), f"{guess}If a product is meant, write it with *.")

    def _no_words(self, tree: Tree, path: Path) -> bool:
        if tree.kind == "name":
            return True
        for node in walk(tree):
            if node.kind == "name" and node.value in self.words:
                message = f"{node.value!r} is a word and cannot be part of an expression."
                self.fault(path, message, "Compare it in a condition, or print it.", node.start)
                return False
        return True

    def condition(self, text: str, path: Path) -> Condition | None:
        """A condition on parameters and derived quantities."""
        try:
            found = read_condition(text, self.tree, self.words)
        except AnswerError as error:
            self.fault(path, error.message, error.repair, error.start)
            return None
        for name in sorted(found.names):
            if self.names.roles.get(name) in {VARIABLE, SYMBOL}:
                message = f"The condition speaks of the {self.names.roles[name]} {name!r}, which has no value."
                place = next((node.start for node in walk(found.tree) if node.value == name), 0) if found.tree else 0
                self.fault(path, message, "Conditions speak of parameters and derived quantities.", place)
                return None
        return found

    def template(self, source: str | None, path: Path) -> Template:
        """The template of a text; its faults are reported."""
        if source is None:
            return Template()

        def report(error: AnswerError) -> None:
            self.fault(path, error.message, error.repair, error.start)

        template = parse(source, _TemplateReader(self), report)
        self.printed.update(name for piece in template.prints() for name in names_in(piece.tree))
        self.printed.update(name for condition in template.conditions() for name in condition.names)
        return template

    def unknown_name(self, name: str, path: Path, known: Iterable[str], what: str) -> None:
        """Report a name that should be one of those known."""
        self.fault(path, f"{name!r} is no {what} of this problem.", nearest(name, known))


@dataclass(frozen=True)
class _TemplateReader:
    """Reads within a template, where faults carry their place in the text."""

    maths: Maths

    def expression(self, text: str) -> Tree:
        """The tree of what stands between {{ and }}."""
        if not text.strip():
            raise AnswerError("Nothing is printed here.", 0, len(text), "Name a quantity, or remove the braces.")
        tree = self.maths.tree(text)
        if tree.kind != "name":
            for node in walk(tree):
                if node.kind == "name" and node.value in self.maths.words:
                    raise AnswerError(f"{node.value!r} is a word; print it by itself.", node.start, node.end)
        return tree

    def condition(self, text: str) -> Condition:
        """The condition of an {% if %}."""
        found = read_condition(text, self.maths.tree, self.maths.words)
        valued = {*self.maths.names.of(PARAMETER, DERIVED)}
        for name in sorted(found.names - valued):
            raise AnswerError(f"{name!r} has no value that a condition could look at.", 0, len(text))
        return found
