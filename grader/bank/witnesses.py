"""The conditions of a witness in a problem file: relations with parameters and derived quantities in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader.bank.maths import Maths
from grader.bank.naming import DERIVED, PARAMETER
from grader.bank.source import Path
from grader.calculus.simplifying import simplify
from grader.checking.meeting import OPERATORS
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.printing import to_text
from grader.reading.tree import Tree

_BRACES = re.compile(r"\{\{([^{}]*)\}\}")


def is_texts(value: Any) -> bool:
    """Whether this is a list of texts with something in it."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def compile_conditions(settings: Mapping[str, Any], path: Path, maths: Maths) -> tuple[Tree, ...]:
    """The conditions as trees in which quantities and the names of the witness are still open."""
    names, texts = settings.get("names"), settings.get("conditions")
    if not is_texts(names) or not is_texts(texts):
        return ()  # the settings have said so
    own = frozenset(canonical(name) for name in names or ())
    for place, name in enumerate(names or ()):
        role = maths.names.roles.get(canonical(name))
        if role in {PARAMETER, DERIVED}:
            message = f"{name!r} is a {role} of this problem; a witness is given by the student."
            maths.fault((*path, "names", place), message, "Choose another name.")
            return ()
    vocabulary = replace(maths.vocabulary, names=(maths.vocabulary.names or frozenset()) | own)
    reader = replace(maths, vocabulary=vocabulary)
    found = (_condition(text, (*path, "conditions", place), reader) for place, text in enumerate(texts or ()))
    return tuple(condition for condition in found if condition is not None)


def _condition(text: str, path: Path, maths: Maths) -> Tree | None:
    """One condition; `{{ a }}` is read as what it prints, at the same place in the text."""
    plain = _BRACES.sub(lambda match: f" ({match[1]}) ", text)
    tree: Tree | None = None
    try:
        tree = maths.tree(plain)
    except AnswerError as error:
        maths.fault(path, error.message, error.repair, error.start)
        return None
    for relation in tree.args if tree.kind == "and" else (tree,):
        if relation.kind != "relation" or not set(relation.value.split()) <= set(OPERATORS):
            maths.fault(path, "This is not a condition.", f"Write a relation with one of {' '.join(OPERATORS)}.")
            return None
    return tree


def condition_texts(conditions: tuple[Tree, ...], put_in: Callable[[Tree], Tree]) -> list[str]:
    """The conditions of a variant, its values put in and tidied."""
    return [to_text(_tidied(each)) for tree in conditions for each in _relations(put_in(tree))]


def _relations(tree: Tree) -> Iterator[Tree]:
    yield from tree.args if tree.kind == "and" else (tree,)


def _tidied(relation: Tree) -> Tree:
    return relation._replace(args=tuple(simplify(side) for side in relation.args))
