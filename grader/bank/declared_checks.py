"""What a part says of its key so that it can be checked: whose derivative it is, where a condition holds."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers.base import Settings
from grader.bank.maths import Maths
from grader.bank.problem import KeyCheck
from grader.bank.schema import CheckFile
from grader.bank.source import Path
from grader.bank.typed_keys import has_own_reading, read_typed
from grader.reading.tree import Tree, walk

MATRIX, INDEXED = "matrix-expression", "indexed-expression"
SETS = frozenset({"interval", "inequality", "set"})


def compile_checks(
    files: list[CheckFile], kind: str, settings: Settings | None, path: Path, maths: Maths
) -> Iterator[KeyCheck]:
    """The checks of a part; what cannot be read, or does not go with its type, is a fault at its place."""
    for place, file in enumerate(files):
        at: Path = (*path, "checks", place)
        if not isinstance(maths.document.value((*path, "checks")), list):
            at = at[:-1]
        form, text = file.form
        if (form == "solutions_of") != (kind in SETS) and form != "equals":
            maths.fault((*at, form), f"`{form}` does not go with the type {kind!r}.", _FITTING[kind in SETS])
            continue
        tree = _tree(form, text, kind, settings, (*at, form), maths)
        by = None if file.by is None else _by(file.by, kind, settings, (*at, "by"), maths)
        if tree is not None and (file.by is None or by is not None):
            yield KeyCheck(form, tree, by, at)


_FITTING = {
    True: "Write `solutions_of`, the condition that holds there.",
    False: "Write `derivative_of`, `antiderivative_of` or `equals`.",
}


def _tree(form: str, text: str, kind: str, settings: Settings | None, path: Path, maths: Maths) -> Tree | None:
    """What the key is compared with, in the notation of its type."""
    if form == "solutions_of":
        return _condition(text, path, maths)
    is_typed = kind in {MATRIX, INDEXED} or (form == "equals" and has_own_reading(kind, {}, text, maths))
    if not is_typed:
        return maths.expression(text, path)
    typed = None if settings is None else read_typed(text, path, kind, settings, maths)
    return None if typed is None else typed.tree


def _by(text: str, kind: str, settings: Settings | None, path: Path, maths: Maths) -> Tree | None:
    """A name, for an indexed key an entry, or names in brackets."""
    if kind == INDEXED:
        typed = None if settings is None else read_typed(text, path, kind, settings, maths)
        tree = None if typed is None else typed.tree
    else:
        tree = maths.expression(text, path)
    leaves = [] if tree is None else [node for node in walk(tree) if not node.args]
    if tree is None or (tree.kind in _PLACES and leaves and all(node.kind in {"name", "number"} for node in leaves)):
        return tree
    maths.fault(path, "This is nothing to differentiate by.", "Write x, [x, y], or X_kl for a key with indices.")
    return None


_PLACES = frozenset({"name", "entry", "vector", "matrix"})


def _condition(text: str, path: Path, maths: Maths) -> Tree | None:
    tree = maths.expression(text, path)
    if tree is None or tree.kind in {"relation", "and", "or"}:
        return tree
    maths.fault(path, "This is not a condition.", "Write a relation such as abs(1 - 2*eta) < 1.")
    return None
