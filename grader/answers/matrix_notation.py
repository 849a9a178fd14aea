"""How matrices are written beside the common notation: `A.T`, `A @ B`, `(A B)'`, `X^-T`, `||A||_F`, `x · y`, `A ⊗ B`.

The first steps keep the length of the text, so that places in it stay what they were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.checking.elaborating import Scope, elaborate
from grader.checking.shapes import is_vector
from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.tree import Tree, literal_value, multiply, rebuild

_LIBRARY_TRANSPOSE = re.compile(r"(?<=[\w)\]])\.T(?!\w)")
_PRIME = re.compile(r"(?<=[\w)\]}'’′])['’′]")
_INVERSE_TRANSPOSE = re.compile(r"\^\s*(?:\{\s*[-−]\s*[T⊤]\s*\}|\(\s*[-−]\s*[T⊤]\s*\)|[-−]\s*[T⊤](?![A-Za-z]*\())")
_BRACKETED_TRANSPOSE = re.compile(r"\^\s*(?:\{\s*[T⊤]\s*\}|\(\s*[T⊤]\s*\))")
_RAISED_TOP = re.compile(r"(?<![\^{(\-−\s])⊤")
_NORM_INDEX = re.compile(r"(?<=\||‖|∥)(?:_\{?(?:F|[Ff]ro|2)\}?|₂)")
_LATEX_NORM_INDEX = re.compile(r"(?<=\||t)_(?:F|\{\s*(?:F|\\(?:text|mathrm|rm)\s*\{?\s*F\s*\}?)\s*\})")
_EUCLIDEAN = re.compile(r"_\{?2\}?|₂")
_ANGLE = re.compile(r"[<⟨〈]|\\(?:left\s*)?\\?langle|\\left\s*<")
_ENTRY = re.compile(r"\[\s*")
_DOT = re.compile(r"[·⋅∙•]|\\cdot")
_KRONECKER = re.compile(r"⊗|\\otimes")
_ENTRY_POWER = re.compile(r"\.\^|\.\*\*")


def typed_text(text: str) -> str:
    """The text with a raised minus T as the inverse and the transpose."""
    return text.replace("⁻ᵀ", "⁻¹ᵀ")


def plain_text(text: str, vocabulary: Vocabulary) -> str:
    """The text in the common notation, as long as before."""
    text = _NORM_INDEX.sub(lambda match: " " * len(match[0]), text).replace("@", "*")
    if vocabulary.knows("T"):
        return text
    text = _INVERSE_TRANSPOSE.sub(lambda match: "⁻¹ᵀ".ljust(len(match[0])), text)
    text = _BRACKETED_TRANSPOSE.sub(lambda match: "ᵀ".ljust(len(match[0])), text)
    text = _LIBRARY_TRANSPOSE.sub("^T", text)
    return _PRIME.sub("ᵀ", _RAISED_TOP.sub("ᵀ", text))


def plain_latex(text: str) -> str:
    """LaTeX without the letter at a Frobenius norm, as long as before."""
    return _LATEX_NORM_INDEX.sub(lambda match: " " * len(match[0]), text)


def marked(tree: Tree, text: str, scope: Scope) -> Tree:
    """The tree with what only the signs between its parts tell: dot and Kronecker products, the index of a norm."""

    def change(node: Tree) -> Tree:
        if node.kind == "product":
            return _product(node, text, scope)
        if node.kind == "vector" and len(node.args) == 2 and _ANGLE.match(text, node.start):
            return _inner_product(node, scope)
        if node.kind == "power":
            return _turned_power(node, text, scope)
        if node.kind == "call" and node.value == "norm" and _EUCLIDEAN.match(text, node.end):
            return node if _is_vector(node.args[0], scope) else node._replace(kind="apply", value="norm_2")
        return node

    return rebuild(tree, change)


def _product(node: Tree, text: str, scope: Scope) -> Tree:
    between = [text[left.end : right.start] for left, right in zip(node.args, node.args[1:], strict=False)]
    for gap, left, right in zip(between, node.args, node.args[1:], strict=False):
        if left.kind == "name" and left.value in scope.shapes and _ENTRY.fullmatch(gap) and right.kind == "number":
            raise AnswerError("Single entries are not read here.", left.start, right.end, "Write all of the matrix.")
    if any(_KRONECKER.search(gap) for gap in between):
        return _kronecker(node, between)
    if any(_DOT.search(gap) for gap in between):
        return _dotted(node, between, scope)
    return node


def _kronecker(node: Tree, between: Sequence[str]) -> Tree:
    """Kronecker products; other factors beside them need brackets, for books bind them differently."""
    factors = list(node.args)
    while len(factors) > len(between) + 1:
        factors.pop()
    outer: list[Tree] = [factors[0]]
    for gap, factor in zip(between, factors[1:], strict=True):
        if _KRONECKER.search(gap):
            outer.append(_call("kron", outer.pop(), factor))
        else:
            outer.append(factor)
    if sum(literal_value(factor) is None for factor in outer) > 1:
        raise AnswerError("A Kronecker product beside other factors needs brackets.", node.start, node.end)
    return outer[0] if len(outer) == 1 else node._replace(args=tuple(outer))


def _dotted(node: Tree, between: Sequence[str], scope: Scope) -> Tree:
    """The product with `dot` where a dot stands between two vectors."""
    groups: list[list[Tree]] = [[node.args[0]]]
    for gap, factor in zip(between, node.args[1:], strict=True):
        if _DOT.search(gap):
            groups.append([factor])
        else:
            groups[-1].append(factor)
    left = _grouped(groups[0])
    for group in groups[1:]:
        right = _grouped(group)
        if _is_vector(left, scope) and _is_vector(right, scope):
            left = _call("dot", left, right)
        else:
            left = _grouped([*(left.args if left.kind == "product" else (left,)), *group])
    return left


def _inner_product(node: Tree, scope: Scope) -> Tree:
    """`<x, y>`: the product of two vectors, or the trace of A^T B."""
    left, right = node.args
    if _is_vector(left, scope):
        return _call("dot", left, right)
    turned = Tree("transpose", (left,), "", left.start, left.end)
    return Tree("call", (_grouped([turned, right]),), "tr", node.start, node.end)


def _grouped(factors: list[Tree]) -> Tree:
    if len(factors) == 1:
        return factors[0]
    return multiply(*factors)._replace(start=factors[0].start, end=factors[-1].end)


def _is_vector(tree: Tree, scope: Scope) -> bool:
    try:
        return is_vector(elaborate(tree, scope).shape)
    except AnswerError:
        return False


def _call(function: str, left: Tree, right: Tree) -> Tree:
    return Tree("call", (left, right), function, left.start, right.end)


def _turned_power(node: Tree, text: str, scope: Scope) -> Tree:
    """`A^-1^T` is the transpose of the inverse: a number has no transpose of its own."""
    base, exponent = node.args
    if _ENTRY_POWER.search(text[base.end : exponent.start]) and not _is_vector(base, scope):
        message = "A power entry by entry is read for vectors only."
        raise AnswerError(message, node.start, node.end, "Write A .* A.")
    sign = exponent.kind == "neg"
    inner = exponent.args[0] if sign else exponent
    if inner.kind != "transpose" or literal_value(inner.args[0]) is None:
        return node
    exponent = inner.args[0]._replace(start=inner.start)
    if sign:
        exponent = Tree("neg", (exponent,), "", node.args[1].start, exponent.end)
    return Tree("transpose", (node._replace(args=(base, exponent)),), "", node.start, node.end)


def regrouped(tree: Tree) -> Tree | None:
    """The other reading of `A ∘ B C`, which is `A ∘ (B C)`; None where there is none."""

    def change(node: Tree) -> Tree:
        first = node.args[0] if node.args else node
        if node.kind != "product" or first.kind != "elementwise":
            return node
        rest = multiply(first.args[1], *node.args[1:])._replace(start=first.args[1].start, end=node.end)
        return first._replace(args=(first.args[0], rest), end=node.end)

    other = rebuild(tree, change)
    return None if other == tree else other
