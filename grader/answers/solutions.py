"""What intervals and inequalities share: both describe a set of numbers, and are compared as such."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from grader.answers.base import Answer, Checked, Context, Examples, read_tree
from grader.answers.entries import wrong_kind
from grader.answers.wording import count_words
from grader.checking.set_conditions import REAL_LINE, REALS, NoSet, condition_of, unknown_of
from grader.checking.solution_sets import SetsCompared, compare_sets
from grader.checking.verdict import Outcome, OutOfBudget, TypeMismatch, Verdict
from grader.errors import AnswerError
from grader.reading.tree import Tree, literal_value, names_in, neg, number, walk

EXPECTED = "an interval or an inequality"
AS_SETS: Mapping[str, Any] = MappingProxyType({"keep_label": True, "intervals": True})
FRESH = ("x", "t", "u", "s")
_SETS = frozenset({"interval", "set", "union", "empty"})
_SCALARS_NOT = frozenset({"relation", "and", "or", "list", "vector", "matrix", "row", *_SETS})
_R = r"(?:R|ℝ|\\mathbb\s*(?:\{R\}|R)|\\R(?![a-z]))"
_LINE = rf"(?:all|every|any|the)?\s*(?:{_R}|reals?|real (?:numbers?|line)|real values?)(?:\s+numbers?)?"
_MEMBER = r"(?:[^\W\d_]\w*\s*(?:∈|\bin\b|\bis\b)\s*)?"
_EVERYTHING = re.compile(rf"\s*(?:{_MEMBER}{_LINE}|(?:for\s+)?(?:all|any|every)\s+[^\W\d_])\s*\.?\s*")
_OUTSIDE = re.compile(r"\s*([^\W\d_]\w*)\s*(?:∉|\\notin\b|\bnot\s+in\b|\bnot\s*∈)(.*)", re.DOTALL)
_NOT = re.compile(r"(?<![^\W\d_])not(?![^\W\d_])|¬")
_LOUD = re.compile(r"(?<![^\W\d_])(AND|And|OR|Or)(?![^\W\d_])")
_PUNCTURED = re.compile(
    rf"\s*{_MEMBER}{_LINE}\s*(?:\\setminus|\\|∖|[-−–]|without|except)\s*(?:\\left)?\\?\{{([^{{}}\\]*)(?:\\right)?\\?\}}\s*"
)
_WITHOUT = re.compile(rf"\s*{_MEMBER}{_LINE}\s*(?:\\setminus|\\|∖|without|except)\s*([\[\](].*)", re.DOTALL)
_BUILDER = re.compile(
    rf"\s*(?:\\left\s*)?\\?\{{\s*[^\W\d_]\w*\s*(?:(?:∈|\\?in)\s*{_R}\s*)?"
    r"(?:[:|]|\\mid(?![a-z])|\\colon|\\middle\s*\|)(?=[^{}]*(?:[<>=≤≥≠∈]|\\(?:[lg][et]|ne)))"
)
_BUILT = re.compile(r"(?:\\right\s*)?\\?\}\s*$")
_JOIN = re.compile(r"(?<=[\])}\[])(\s*)(U|u|union|cup)(?=\s*[\[\](){}])|(?<=\s)(U|union)(?=\s)")
_MEET = re.compile(r"(?<=[\])}\[])(\s*)(intersect(?:ion)?)(?=\s*[\[\](){}])")
_NAMED_REALS = frozenset({"R", "r"})


def read_set(text: str, context: Context) -> Answer:
    """A set of numbers as typed; a comma between inequalities is `and`, with `or` as the second reading."""
    whole = _in_words(text, context) or _left_out(text, context)
    if whole is not None:
        return Answer(whole)
    is_met = "∩" in text
    text = _unbuilt(text)
    if context.notation == "text":
        text = _with_signs(text, context)
    vocabulary = replace(context.vocabulary, **AS_SETS)
    reading = read_tree(text, replace(context, vocabulary=vocabulary))
    tree = _joined(reading.tree, "and")
    other = _joined(reading.second or reading.tree, "and" if is_met else "or")
    return Answer(tree, reading.notices, None if other == tree else other)


def _in_words(text: str, context: Context) -> Tree | None:
    """All reals, or all but a few, written in words or with the letter R; None for everything else."""
    if _NAMED_REALS & (context.vocabulary.names or frozenset()):
        return None
    if _EVERYTHING.fullmatch(text):
        return REAL_LINE
    match = _PUNCTURED.fullmatch(text)
    if match is None:
        return _beside(text, context)
    start = match.start(1)
    inner = read_tree(" " * start + match[1], context).tree
    values = [literal_value(each) for each in (inner.args if inner.kind == "list" else (inner,))]
    if any(value is None for value in values):
        raise AnswerError("Only numbers can be left out here.", start, match.end(1), "Write x != a instead.")
    return _punctured(sorted({value for value in values if value is not None}))


def _beside(text: str, context: Context) -> Tree | None:
    """All reals but an interval; None for everything else."""
    match = _WITHOUT.fullmatch(text)
    if match is None:
        return None
    region = read_set(" " * match.start(1) + match[1], context).tree
    if region.kind != "interval":
        return None
    low, high = region.args
    infinity = REAL_LINE.args[1]
    left = Tree("interval", (neg(infinity), low), "(" + ("]" if region.value[0] == "(" else ")"))
    right = Tree("interval", (high, infinity), ("[" if region.value[1] == ")" else "(") + ")")
    kept = [piece for piece, end in ((left, low), (right, high)) if infinity not in walk(end)]
    return kept[0] if len(kept) == 1 else Tree("union", tuple(kept)) if kept else Tree("empty")


def _left_out(text: str, context: Context) -> Tree | None:
    """What `x not in S` says; None for texts without such a word. Elsewhere `not` is refused."""
    match = _OUTSIDE.fullmatch(text)
    if match is None:
        found = _NOT.search(text)
        if found:
            raise AnswerError("The word not is read only in `x not in`.", *found.span(), "Write x != a, for example.")
        return None
    label = read_tree(match[1], context).tree
    region = read_set(" " * match.start(2) + match[2], context).tree
    pieces = region.args if region.kind in {"union", "or"} else (region,)
    outside = [_outside(label, piece) for piece in pieces]
    if None in outside:
        raise AnswerError("After `not in` an interval or a set is read.", match.start(2), match.end(2))
    return Tree("and", tuple(each for each in outside if each is not None), "", 0, len(text))


def _outside(label: Tree, region: Tree) -> Tree | None:
    """The condition that the label lies outside an interval or a set of values."""
    if region.kind == "set":
        return Tree("and", tuple(Tree("relation", (label, each), "!=") for each in region.args))
    if region.kind != "interval":
        return None
    low, high = region.args
    below = Tree("relation", (label, low), "<" if region.value[0] == "[" else "<=")
    return Tree("or", (below, Tree("relation", (label, high), ">" if region.value[1] == "]" else ">=")))


def _punctured(values: list[Fraction]) -> Tree:
    """The real line without these numbers."""
    infinity = REAL_LINE.args[1]
    ends = [neg(infinity), *map(number, values), infinity]
    pieces = [Tree("interval", both, "()") for both in pairwise(ends)]
    return Tree("union", tuple(pieces))


def _unbuilt(text: str) -> str:
    """The condition of a set-builder, in its place."""
    builder, end = _BUILDER.match(text), _BUILT.search(text)
    if builder is None or end is None:
        return text
    return " " * builder.end() + text[builder.end() : end.start()] + " " * len(end[0])


def _with_signs(text: str, context: Context) -> str:
    """The text with ∪ for a typed U, and without the braces of a set-builder; of the same length."""
    text = text.replace("&&", "∩ ").replace(" || ", " or ")
    text = _LOUD.sub(lambda match: match[0].lower(), text)
    if context.vocabulary.knows("U"):
        return text
    text = _MEET.sub(lambda match: (match[1] or "") + "∩".ljust(len(match[2])), text)
    return _JOIN.sub(lambda match: (match[1] or "") + "∪".ljust(len(match[2] or match[3])), text)


def _joined(tree: Tree, way: str) -> Tree:
    """The tree with commas read as `and` or `or`; between sets and between equations they are always `or`."""
    if tree.kind == "list":
        parts = _labelled(tuple(_joined(each, way) for each in tree.args))
        signs = {
            sign for part in parts for each in walk(part) if each.kind == "relation" for sign in each.value.split()
        }
        return tree._replace(kind=way if signs - {"=", "in"} else "or", args=parts)
    if tree.kind == "or":
        return tree._replace(args=_labelled(tuple(_joined(each, way) for each in tree.args)))
    if tree.kind == "and":
        parts = tuple(_joined(each, way) for each in tree.args)
        if all(is_scalar(part) and not names_in(part) for part in parts):
            return tree._replace(kind="set", args=parts)
        is_sets = all(each.kind in _SETS for each in parts)
        return tree._replace(kind=way if is_sets else "and", args=parts)
    return tree


def check_values(response: Answer, key: Tree, context: Context) -> Checked:
    """Values listed as the solutions of an equation in one name: `x = 2, -2`, `x = 2 or -2`, `{2, -2}`."""
    return check_set(response._replace(tree=_joined(response.tree, "or")), key, context)


def _labelled(parts: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """`x = 1, 2` with the label for every value; bare values as sets of one."""
    found: list[Tree] = []
    label: Tree | None = None
    sign = "="
    for each in parts:
        if each.kind == "relation" and each.value in {"=", "!="} and each.args[0].kind == "name":
            label, sign = each.args[0], each.value
        if is_scalar(each):
            single = Tree("set", (each,), "", each.start, each.end)
            found.append(single if label is None else Tree("relation", (label, each), sign, each.start, each.end))
        else:
            found.append(each)
    return tuple(found)


def is_scalar(tree: Tree) -> bool:
    """Whether the tree is a plain expression."""
    return tree.kind not in _SCALARS_NOT


def set_fault(key: Tree) -> str:
    """Why the tree cannot be the key of an interval or inequality; empty where it can."""
    tree = _joined(key, "and")
    empty = _says_nothing(tree)
    if empty:
        return f"The answer says nothing: {empty}."
    try:
        condition_of(tree, unknown_of(tree) or FRESH[0])
    except NoSet:
        return "The answer is neither an interval nor an inequality."
    return ""


def check_set(response: Answer, key: Tree, context: Context) -> Checked:
    """The response's solutions against the key's."""
    key, tree = _joined(key, "and"), response.tree
    if is_scalar(tree) and tree != REALS:
        if not _is_of_points(key):
            return wrong_kind(EXPECTED, tree, "Write it such as (0, 1) or 0 < x < 1.")
        tree = Tree("set", (tree,))
    if (names_in(tree) | names_in(key)) & context.domain.shapes.keys():
        return Checked.whole(Verdict(Outcome.UNDECIDED, OutOfBudget("conditions on matrices are not compared")))
    reason = _says_nothing(tree)
    if reason:
        verdict = Verdict(Outcome.INVALID, TypeMismatch("a condition on an unknown", "one that says nothing"))
        return Checked.whole(verdict, (f"Your answer says nothing: {reason}.",))
    unknown = _unknown(tree, key, context)
    try:
        mine, theirs = condition_of(tree, unknown), condition_of(key, unknown)
    except NoSet as error:
        return _no_set(error.tree)
    found = compare_sets(mine, theirs, unknown, context.domain)
    others = sorted(names_in(mine))
    if others and unknown not in others and found.verdict.outcome is Outcome.DIFFERENT:
        return Checked.whole(found.verdict, (f"Your condition is about {others[0]}, not about {unknown}.",))
    return Checked.whole(found.verdict, _feedback(found, tree))


def _no_set(tree: Tree) -> Checked:
    """Invalid because a part of the response is no set of numbers."""
    if tree.kind in {*_SETS, "relation", "and", "or"}:
        verdict = Verdict(Outcome.INVALID, TypeMismatch(EXPECTED, "a condition within a condition"))
        return Checked.whole(verdict, ("The ends and members must be numbers.",))
    return wrong_kind(EXPECTED, tree, "Write it such as (0, 1) or 0 < x < 1.")


def _is_of_points(key: Tree) -> bool:
    """Whether the key lists single numbers."""
    if key.kind == "or":
        return all(map(_is_of_points, key.args))
    return key.kind == "set" or (key.kind == "relation" and key.value == "=")


def _says_nothing(tree: Tree) -> str:
    """Why a relation in the tree restricts no unknown, in words; empty where all do."""
    for node in walk(tree):
        if node.kind == "relation" and not names_in(node) - {REALS.value}:
            return "no unknown occurs in it"
        if node.kind == "relation" and len(set(node.args)) == 1:
            return "both sides are the same"
    return ""


def _unknown(response: Tree, key: Tree, context: Context) -> str:
    """The name that both describe: the key's own, else the one that only the response has."""
    declared = context.domain.variables
    found = unknown_of(key, declared)
    if found is not None:
        return found
    taken = names_in(key)
    mine = unknown_of(response, declared)
    if mine is not None and mine not in taken:
        return mine
    extra = sorted(names_in(response) - taken - {REALS.value})
    if mine is not None and extra:
        return extra[0]
    used = taken | names_in(response)
    return next(each for each in (*FRESH, "unknown") if each not in used)


def _feedback(found: SetsCompared, response: Tree) -> tuple[str, ...]:
    """What a difference looks like, without the answer."""
    if found.verdict.outcome is not Outcome.DIFFERENT:
        return ()
    mine, theirs = found.pieces
    if found.likeness == "missing" and mine < theirs:
        return (f"{count_words(theirs - mine, 'piece', 'pieces')} of the answer is missing.",)
    if found.likeness == "empty" and any(each.kind == "and" for each in walk(response)):
        return ("No number meets all of your conditions at once.",)
    return {
        "ends": ("The ends are right; look again at which of them belong to the answer.",),
        "complement": ("This is the complement: what is asked for lies everywhere else.",),
        "missing": ("All of yours belongs to the answer, but something is missing.",),
        "extra": ("The answer lies within yours, but yours holds too much.",),
        "empty": ("Yours holds no number at all.",),
    }.get(found.likeness, ())


def set_examples(text: str, key: Tree) -> Examples:
    """The key, and itself twice; nothing at all for something, a matrix; a bracket missing."""
    is_empty = key.kind == "empty"
    return Examples(
        (text, f"{text} or {text}"), ("(0, 1)" if is_empty else "{}", "[[1, 2], [3, 4]]"), (f"{text} or", f"({text}")
    )
