"""Reading the mathematics of a file, with every fault at its place in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from grader.bank.conditions import Condition, read_condition
from grader.bank.faults import nearest
from grader.bank.naming import DERIVED, PARAMETER, SYMBOL, VARIABLE, Names
from grader.bank.source import Document, Path
from grader.bank.templates import Piece, Template, parse
from grader.bank.wording import ENGLISH
from grader.checking.domain import Domain
from grader.errors import AnswerError, BankError
from grader.reading.names import Vocabulary, canonical
from grader.reading.text import read
from grader.reading.tree import Tree, walk

Texts = str | Mapping[str, str]
"""A text in English, or in several languages, of which English is one."""

STEPPED = frozenset({"derivative", "gradient", "jacobian", "hessian", "directional", "tangent", "descent"})
"""Tasks whose results come with the rules that led to them."""

_WORD = re.compile(r"[^\W\d_]\w+")


@dataclass
class Maths:
    """Reads expressions, conditions and templates in the names of a problem."""

    document: Document
    errors: list[BankError]
    names: Names
    vocabulary: Vocabulary
    domain: Domain = field(default_factory=lambda: Domain.of({}))
    words: set[str] = field(default_factory=set)
    printed: set[str] = field(default_factory=set)
    fragments: Mapping[str, tuple[Path, Texts]] = field(default_factory=dict)
    is_fragment: bool = False
    language: str = ENGLISH

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
        return tree if self.has_no_words(tree, path) else None

    def tree(self, text: str) -> Tree:
        """The tree of an expression; raises AnswerError."""
        tree = read(text, self.vocabulary).tree
        self.refuse_slips(text, tree)
        return tree

    def refuse_slips(self, text: str, tree: Tree, *, derived_only: bool = False) -> None:
        """A slip such as `ff` or `slopex` must not be taken in silence for a product of quantities.

        `derived_only` where `AA` and `x_ii` may be meant.
        """
        leaves = [node for node in walk(tree) if node.kind in {"name", "constant"}]
        for word in _WORD.finditer(text):
            if canonical(word[0]) in self.names.roles:
                continue
            inside = [node.value for node in leaves if word.start() <= node.start and node.end <= word.end()]
            derived = [name for name in inside if len(name) > 1 or self.names.roles.get(name) == DERIVED]
            is_double = len(set(inside)) < len(inside) and not derived_only
            if len(inside) > 1 and (derived or is_double):
                near = get_close_matches(word[0], self.names.roles, n=1, cutoff=0.6)
                guess = f"Did you mean {near[0]!r}? " if near else ""
                message = f"There is no {word[0]!r}; it would be read as a product of {', '.join(inside)}."
                raise AnswerError(message, word.start(), word.end(), f"{guess}If a product is meant, write it with *.")

    def has_no_words(self, tree: Tree, path: Path) -> bool:
        """Whether no word takes part in an expression; one that does is reported."""
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

    def template(self, source: Texts | None, path: Path) -> Template:
        """The template of a text in its languages; its faults are reported."""
        if source is None:
            return Template()
        if not isinstance(source, str):
            found = {
                language: replace(self, language=language).template(text, (*path, language))
                for language, text in source.items()
            }
            return replace(found.pop(ENGLISH), translations=found)

        def report(error: AnswerError) -> None:
            self.fault(path, error.message, error.repair, error.start)

        template = parse(source, _TemplateReader(self), report)
        self.printed.update(template.names())
        return template

    def included(self, name: str) -> tuple[Piece, ...]:
        """The pieces of a fragment, which may hold no other; its own faults are reported at its place."""
        if self.is_fragment:
            raise AnswerError("A fragment cannot hold another one.", 0, len(name), "Write its text out here.")
        if name not in self.fragments:
            repair = nearest(name, self.fragments) or "Write it as fragments/<name>.md in the bank."
            raise AnswerError(f"There is no fragment {name[:40]!r}.", 0, len(name), repair)
        inner = replace(self, is_fragment=True)
        path, text = self.fragments[name]
        written = text if isinstance(text, str) else text.get(self.language, text[ENGLISH])
        path = path if isinstance(text, str) else (*path, self.language if self.language in text else ENGLISH)
        return inner.template(written, path).pieces

    def derivation(self, name: str) -> str:
        """The name of a derived quantity that a task with steps gives; raises AnswerError."""
        found = canonical(name)
        written = self.document.value(self.names.path(found)) if self.names.roles.get(found) == DERIVED else None
        if isinstance(written, Mapping) and STEPPED & set(written):
            return found
        message = f"{name[:40]!r} is not derived in steps."
        repair = f"Name a quantity that is derived by one of {', '.join(sorted(STEPPED))}."
        raise AnswerError(message, 0, len(name), repair)


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

    def included(self, name: str) -> tuple[Piece, ...]:
        """The pieces of a fragment."""
        return self.maths.included(name)

    def derivation(self, name: str) -> str:
        """The quantity whose steps are written out; it must come from a task that takes derivatives."""
        return self.maths.derivation(name)

    def condition(self, text: str) -> Condition:
        """The condition of an {% if %}."""
        found = read_condition(text, self.maths.tree, self.maths.words)
        valued = {*self.maths.names.of(PARAMETER, DERIVED)}
        for name in sorted(found.names - valued):
            raise AnswerError(f"{name!r} has no value that a condition could look at.", 0, len(text))
        return found
