r"""Sums between ends in answers without arrays: in `\sum_{k=0}^{4} x^k` the letter `k` needs no declaring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.tokens import known
from grader.reading.tree import Tree

# `sum_(k=`, `\sum_{k=`, `\sum^{4}_{k=`; the letter runs over the whole numbers between the ends.
_HEAD = re.compile(r"(?<![^\W\d_])sum(?:\\limits)?\s*(?:\^(?:\{[^{}]*\}|\w)\s*)?_\s*[({]\s*([A-Za-z])\s*=")


def with_own_indices(text: str, vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with the letters that sums in the text run over, and with sums."""
    if "sum" not in text or vocabulary.shapes or vocabulary.indices is not None or vocabulary.knows("sum"):
        return vocabulary
    letters = frozenset(_HEAD.findall(text))
    if not letters:
        return vocabulary
    names = None if vocabulary.names is None else vocabulary.names | letters
    return replace(vocabulary, names=names, sums=True)


def refuse_unbound(tree: Tree, vocabulary: Vocabulary) -> None:
    """Raise AnswerError at a name that is not declared and stands outside the sum over it."""
    if vocabulary.names is None:
        return
    for name in _free(tree, frozenset()):
        if not vocabulary.knows(name.value):
            message = f"The name {name.value} is not used in this problem."
            raise AnswerError(message, name.start, name.end, known(vocabulary))


def _free(tree: Tree, bound: frozenset[str]) -> Iterator[Tree]:
    """The names that no sum around them runs over."""
    if tree.kind == "name" and tree.value not in bound:
        yield tree
    body = bound | {tree.value} if tree.kind == "sigma" else bound
    for place, arg in enumerate(tree.args):
        yield from _free(arg, body if place == 0 else bound)
