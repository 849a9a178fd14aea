"""Keys of types with a notation of their own: read as a student's response is, with quantities still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

from grader.answers import BY_NAME
from grader.answers.base import Context, Settings, read_response
from grader.bank.maths import Maths
from grader.bank.naming import DERIVED, PARAMETER
from grader.bank.problem import Typed
from grader.bank.source import Path
from grader.calculus.literal_matrices import reduce_literals
from grader.checking.sampling import VariableDomain
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.tree import ONE, ZERO, Tree, literal_value, multiply, neg, number, rebuild, walk

# The common notation cannot write keys of these types, or would read them as something else.
_ALWAYS = frozenset(
    {"indexed-expression", "shape", "interval", "inequality", "equation", "matrix-expression", "tensor", "witness"}
)
# Their factors need not commute, or hold indices: only numbers are tidied.
_AS_WRITTEN = frozenset({"indexed-expression", "matrix-expression", "tensor"})
# What a key itself leaves open or must be written like.
_OWN_READING = ("up_to", "form")
_OWN_WORDS = frozenset({"indexed-expression", "matrix-expression", "shape"})


def has_own_reading(kind: str, given: Mapping[str, Any], text: str, maths: Maths) -> bool:
    """Whether a key is read by its type's own reader; a bare quantity is itself."""
    if canonical(text.strip()) in maths.names.of(PARAMETER, DERIVED):
        return False
    return kind in _ALWAYS or any(given.get(key) for key in _OWN_READING)


def read_typed(text: str, path: Path, kind: str, settings: Settings, maths: Maths) -> Typed | None:
    """The key as the type reads it, None where it cannot be read, which is reported."""
    try:
        tree = read_response(BY_NAME[kind], text, settings, _context(maths)).tree
        maths.refuse_slips(text, tree, derived_only=kind in _OWN_WORDS)
    except AnswerError as error:
        maths.fault(path, error.message, error.repair, error.start)
        return None
    if not maths.has_no_words(tree, path):
        return None
    clash = next((name for name in _indices(tree, settings) if name in maths.names.of(PARAMETER, DERIVED)), None)
    if clash is not None:
        message = f"{clash!r} is a {maths.names.roles[clash]} of this problem; an index has no value."
        maths.fault(path, message, "Choose another letter for the index.")
        return None
    is_form = "same-up-to-order" in str(getattr(settings, "form", ""))
    return Typed(tree, path, is_plain=kind not in _AS_WRITTEN and not is_form, folds_numbers=not is_form)


def _context(maths: Maths) -> Context:
    """What an author may write: variables in their domains, and parameters, of which only shapes are known."""
    quantities = {
        name: VariableDomain(shape=maths.vocabulary.shapes.get(name)) for name in maths.names.of(PARAMETER, DERIVED)
    }
    domain = replace(maths.domain, variables={**maths.domain.variables, **quantities}, declared=True)
    return Context(domain, maths.vocabulary)


def _indices(tree: Tree, settings: Settings) -> set[str]:
    """The names of indices, free or summed over."""
    own = {canonical(name) for name in getattr(settings, "indices", None) or ()}
    return own | {node.value for node in walk(tree) if node.kind == "sigma"}


def tidied(tree: Tree, key: Typed) -> Tree:
    """The key with its values put in, in the form in which it is shown."""
    if key.is_plain:
        return reduce_literals(tree)
    return rebuild(tree, lambda node: _tidied_node(_folded(node) if key.folds_numbers else node))


def _folded(node: Tree) -> Tree:
    """A product with its whole numbers and fractions multiplied into one in front: `2*9*A` is `18*A`."""
    exact = [_exact_number(factor) for factor in node.args] if node.kind == "product" else []
    numbers = [value for value in exact if value is not None]
    if len(numbers) < 2:
        return node
    others = (factor for factor, value in zip(node.args, exact, strict=True) if value is None)
    return multiply(number(prod(numbers)), *others)


def _exact_number(tree: Tree) -> Fraction | None:
    """The value of a whole number or fraction; a decimal stays as it is written."""
    is_whole = all(node.value.isdigit() for node in walk(tree) if node.kind == "number")
    return literal_value(tree) if is_whole and tree.kind != "percent" else None


def _tidied_node(node: Tree) -> Tree:
    """A sum or product without zeros and ones, its signs in front; factors stay in their order."""
    if node.kind == "neg" and node.args[0].kind == "neg":
        return node.args[0].args[0]
    if node.kind == "sum":
        terms = tuple(term for term in node.args if term != ZERO)
        return node._replace(args=terms) if len(terms) > 1 else (*terms, ZERO)[0]
    if node.kind != "product" or not any(_is_number(factor) for factor in node.args):
        return node
    signs = sum(_is_number(factor) and factor.kind == "neg" for factor in node.args)
    bare = [factor.args[0] if _is_number(factor) and factor.kind == "neg" else factor for factor in node.args]
    factors = tuple(factor for factor in bare if factor != ONE) or (ONE,)
    inner = node._replace(args=factors) if len(factors) > 1 else factors[0]
    return neg(inner) if signs % 2 else inner


def _is_number(tree: Tree) -> bool:
    return tree.kind == "number" or (tree.kind == "neg" and tree.args[0].kind == "number")
