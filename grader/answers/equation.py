"""An equation, right when it has the same solutions as the key, however it is arranged and scaled."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings, read_tree
from grader.answers.entries import wrong_kind
from grader.answers.solutions import check_values
from grader.answers.wording import NOT_SCALAR
from grader.checking.equations import compare_equations, is_trivial
from grader.checking.set_conditions import condition_of
from grader.checking.solution_sets import compare_sets
from grader.checking.verdict import Outcome, OutOfBudget, TypeMismatch, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, name, names_in, number

_EXPECTED = "an equation"
_OF_VALUES = frozenset({"list", "or", "set", "empty"})
# The graph of a function: `f(x) = 6x - 9` says what y is.
_OF_FUNCTION = re.compile(r"\s*([A-Za-z]'*)\s*\(\s*[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*\s*\)\s*=(?!=)")


class EquationType(AnswerType[Settings]):
    """Equations, compared by their solutions: rearranged, scaled or with sides exchanged they are the same."""

    name = "equation"
    meaning = "an equation such as y = 6x - 9"
    settings = Settings

    def read(self, text: str, settings: Settings, context: Context) -> Answer:  # noqa: ARG002 - the same for all settings
        """The label of a function, as in `f(x) = 6x - 9`, is dropped; that of a name is part of the equation."""
        named = _OF_FUNCTION.match(text)
        is_name = named is not None and context.vocabulary.knows(named[1])
        vocabulary = replace(context.vocabulary, keep_label=named is None or is_name)
        reading = read_tree(text, replace(context, vocabulary=vocabulary))
        answer = Answer(reading.tree, reading.notices, reading.second, reading.others)
        return _as_function(answer, named[1]) if named is not None and is_name else answer

    def key_fault(self, key: Tree, settings: Settings) -> str:  # noqa: ARG002 - the same for all settings
        """Only an equation that some values meet and others do not can be the key."""
        if not _is_equation(key):
            return "The answer is not an equation."
        return "The answer says nothing: it always holds, or never." if any(map(_is_empty_talk, _parts(key))) else ""

    def check(
        self,
        response: Answer,
        key: Tree,
        settings: Settings,  # noqa: ARG002 - the same for all settings
        context: Context,
    ) -> Checked:
        """The same solutions as the key."""
        tree = _completed(response.tree, key)
        if tree.kind in _OF_VALUES and len(names_in(key)) == 1 and names_in(tree) <= names_in(key):
            return check_values(response, key, context)
        if not _is_equation(tree):
            return wrong_kind(_EXPECTED, response.tree, "Write one equation such as y = 6x - 9.")
        if context.domain.shapes.keys() & (names_in(tree) | names_in(key)):
            return Checked.whole(_between_matrices())
        reason = next((words for words in map(_is_empty_talk, _parts(tree)) if words), "")
        if reason:
            verdict = Verdict(Outcome.INVALID, TypeMismatch("an equation for its unknowns", "one that says nothing"))
            return Checked.whole(verdict, (f"Your equation says nothing: {reason}.",))
        return Checked.whole(_compared(tree, key, context))

    def show(self, tree: Tree, settings: Settings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: Settings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key, its sides exchanged; one side raised, a number; an equals sign too many."""
        left, right = map(to_text, _parts(key)[0].args)
        text = to_text(key)
        wrong = " or ".join(
            f"{to_text(each.args[0])} = {to_text(add(each.args[1], number(1)))}" for each in _parts(key)
        )
        return Examples(
            (text, text if key.kind == "or" else f"{right} = {left}"), (wrong, "[1, 2]"), (f"{text} =", f"({text}")
        )


def _as_function(answer: Answer, dependent: str) -> Answer:
    """`y(x) = 6x - 9` says what y is, though y is a name; the product y*x is the second reading."""
    tree = answer.tree
    if answer.second is not None or tree.kind != "relation" or len(tree.args) != 2:
        return answer
    left, right = tree.args
    factors = left.args if left.kind == "product" else ()
    if not factors or factors[0] != name(dependent) or dependent in names_in(right):
        return answer
    solved = tree._replace(args=(factors[0], right))
    return answer._replace(tree=solved, second=None if factors[-1].kind == "vector" else tree)


def _between_matrices() -> Verdict:
    """Equations with matrices are a matter of matrix expressions, which compare them."""
    return Verdict(Outcome.UNDECIDED, OutOfBudget("equations between matrices are not compared"))


def _compared(tree: Tree, key: Tree, context: Context) -> Verdict:
    """In one name as sets of numbers, in several as curves."""
    names = sorted(names_in(tree) | names_in(key))
    if len(names) == 1:
        mine, theirs = condition_of(tree, names[0]), condition_of(key, names[0])
        return compare_sets(mine, theirs, names[0], context.domain).verdict
    return compare_equations(tree, key, context.domain)


def _parts(tree: Tree) -> tuple[Tree, ...]:
    return tree.args if tree.kind == "or" else (tree,)


def _is_equation(tree: Tree) -> bool:
    """Whether this is one equation between two scalars, or several joined by `or`."""
    return all(
        each.kind == "relation" and each.value == "=" and not any(side.kind in NOT_SCALAR for side in each.args)
        for each in _parts(tree)
    )


def _completed(tree: Tree, key: Tree) -> Tree:
    """A bare expression as the side that the key's own equation asks for, where that is solved for a name."""
    if tree.kind in NOT_SCALAR or key.kind != "relation":
        return tree
    for side, other in (key.args, key.args[::-1]):
        if side.kind == "name" and side.value not in names_in(other) and side.value not in names_in(tree):
            return Tree("relation", (name(side.value), tree), "=", tree.start, tree.end)
    return tree


def _is_empty_talk(equation: Tree) -> str:
    """Why an equation says nothing about its names, in words; empty where it does."""
    if not names_in(equation):
        return "no unknown occurs in it"
    if equation.args[0] == equation.args[1] or is_trivial(equation):
        return "it does not depend on its unknowns"
    return ""
