"""Random trees of every kind, for the laws of reading and printing."""

from __future__ import annotations

from hypothesis import strategies as st

from grader.errors import AnswerError
from grader.reading.functions import check_exponent
from grader.reading.names import FUNCTIONS, Vocabulary
from grader.reading.text import read
from grader.reading.tree import Tree

NAMES = ("x", "y", "x_1", "eta", "w_12")
UNARY = tuple(function.name for function in FUNCTIONS if function.least == 1 and function.most == 1)
PRINTED_OTHERWISE = {"log", "transpose", "inv"}

LITERALS = ("0", "1", "2", "17", "0.5", "3.25", "1.5e-3", "2e3")
numbers = st.sampled_from(LITERALS).map(lambda text: Tree("number", (), text))
atoms = st.one_of(
    numbers,
    st.sampled_from(NAMES).map(lambda text: Tree("name", (), text)),
    st.sampled_from(["pi", "e", "tau", "oo"]).map(lambda text: Tree("constant", (), text)),
)


def _is_exponent(tree: Tree) -> bool:
    """Whether this may stand as an exponent: no number, and no larger than is read."""
    try:
        check_exponent(tree)
    except AnswerError:
        return False
    return tree.kind != "number"


def _extend(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    calls = st.sampled_from([name for name in UNARY if name not in PRINTED_OTHERWISE])
    return st.one_of(
        several.map(lambda args: Tree("sum", args)),
        several.map(lambda args: Tree("product", args)),
        inner.map(lambda arg: Tree("neg", (arg,))),
        st.tuples(inner, inner).map(lambda args: Tree("quotient", args)),
        st.tuples(inner, inner.filter(_is_exponent)).map(lambda args: Tree("power", args)),
        st.tuples(inner, st.sampled_from(["2", "3", "0.5"])).map(
            lambda pair: Tree("power", (pair[0], Tree("number", (), pair[1])))
        ),
        st.tuples(calls, inner).map(lambda pair: Tree("call", (pair[1],), pair[0])),
        several.map(lambda args: Tree("call", args, "max")),
        inner.map(lambda arg: Tree("factorial", (arg,))),
        inner.map(lambda arg: Tree("percent", (arg,))),
    )


scalars = st.recursive(atoms, _extend, max_leaves=12)
_entries = st.lists(scalars, min_size=2, max_size=3).map(tuple)
_rows = st.lists(st.tuples(scalars, scalars).map(lambda row: Tree("row", row)), min_size=1, max_size=3).map(tuple)
_relations = st.tuples(scalars, st.sampled_from(["<", "<=", "=", "!="]), scalars).map(
    lambda three: Tree("relation", (three[0], three[2]), three[1])
)
_cases = st.tuples(scalars, _relations).map(lambda pair: Tree("case", pair))
responses = st.one_of(
    scalars,
    _entries.map(lambda args: Tree("vector", args)),
    _entries.map(lambda args: Tree("vector", args, "column")),
    _rows.map(lambda args: Tree("matrix", args)),
    _entries.map(lambda args: Tree("set", args)),
    _entries.map(lambda args: Tree("list", args)),
    _entries.map(lambda args: Tree("transpose", (Tree("vector", args),))),
    _relations,
    st.tuples(_relations, _relations).map(lambda args: Tree("or", args)),
    st.tuples(_relations, _relations).map(lambda args: Tree("and", args)),
    st.tuples(_cases, scalars.map(lambda arg: Tree("otherwise", (arg,)))).map(lambda args: Tree("piecewise", args)),
    st.tuples(scalars, scalars).map(lambda args: Tree("interval", args, "(]")),
)


def outcome_of(typed: str, vocabulary: Vocabulary = Vocabulary()) -> Tree | AnswerError:  # noqa: B008 (frozen)
    """The tree of a text, or the error that it gets."""
    try:
        return read(typed, vocabulary).tree
    except AnswerError as error:
        return error
