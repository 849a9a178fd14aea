"""A list: members in order, brackets optional."""

from __future__ import annotations

from dataclasses import dataclass

from grader.answers.base import Answer, AnswerType, Checked, Context, Entry, Examples, Settings
from grader.answers.entries import join, size_mismatch, wrong_kind
from grader.answers.forms import FormSettings
from grader.answers.literals import evaluate
from grader.answers.members import compare_members, members_of, typed
from grader.answers.tolerance import Tolerance
from grader.answers.wording import count_words, kind_words
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number


@dataclass(frozen=True, slots=True)
class ListSettings(Settings):
    """`tolerance` holds for every member."""

    tolerance: Tolerance | None = None


class ListType(AnswerType[ListSettings]):
    """Lists such as the points of a descent; the order counts."""

    name = "list"
    meaning = "a list in order, such as 3, 2.4, 1.92"
    settings = ListSettings

    def key_fault(self, key: Tree, settings: ListSettings) -> str:  # noqa: ARG002 - any list, any tolerance
        """Only a list, a vector or a single member can be the key."""
        return f"The answer is {kind_words(key)}, not a list." if _members(key, of_points=False) is None else ""

    def check(self, response: Answer, key: Tree, settings: ListSettings, context: Context) -> Checked:
        """Member by member; a list of another length is different, and both lengths are named."""
        right = _members(key, of_points=False) or ()
        of_points = any(each.kind == "vector" for each in right)
        given = _members(response.tree, of_points=of_points)
        if given is None:
            hint = "A set has no order: write the list without braces." if response.tree.kind == "set" else ""
            return wrong_kind(_length(right), response.tree, hint)
        if len(given) != len(right):
            return size_mismatch(_length(right), _length(given))
        pairs = enumerate(zip(given, right, strict=True), start=1)
        entries = tuple(Entry((i,), compare_members(a, b, settings.tolerance, context)) for i, (a, b) in pairs)
        return join(entries, partial=settings.partial, form=FormSettings(disclose=settings.disclose))

    def show(self, tree: Tree, settings: ListSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: ListSettings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key with and without brackets; one member more, braces around it; a bracket missing."""
        members = _members(key, of_points=False) or ()
        text = typed(members)
        longer = typed((*members, add(members[-1], number(1)) if members[-1].kind != "vector" else members[-1]))
        return Examples((text, f"[{text}]"), (longer, f"{{{text}}}"), (f"[{text}", f"{text} +"))


def _members(tree: Tree, *, of_points: bool) -> tuple[Tree, ...] | None:
    """The members in order; a set has none."""
    return None if tree.kind in {"set", "or"} else members_of(evaluate(tree), of_points=of_points)


def _length(members: tuple[Tree, ...]) -> str:
    return f"a list of {count_words(len(members), 'member', 'members')}"
