"""An expression in the problem's variables, right when it is equal to the key."""

from __future__ import annotations

from dataclasses import dataclass

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings
from grader.answers.entries import wrong_kind
from grader.answers.literals import evaluate
from grader.answers.scalars import compare, scalar_of
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number


@dataclass(frozen=True, slots=True)
class ExpressionSettings(Settings):
    """Nothing beside what every part may set."""


class ExpressionType(AnswerType[ExpressionSettings]):
    """Expressions; dot products, norms and determinants of literals are worked out."""

    name = "expression"
    meaning = "an expression such as 12x^2 - 5"
    settings = ExpressionSettings

    def key_fault(self, key: Tree, settings: ExpressionSettings) -> str:  # noqa: ARG002 - the same for all settings
        """Only a scalar can be the key."""
        tree = scalar_of(evaluate(key))
        return f"The answer is {kind_words(tree)}, not an expression." if _is_other(tree) else ""

    def check(
        self,
        response: Answer,
        key: Tree,
        settings: ExpressionSettings,  # noqa: ARG002 - the same for all settings
        context: Context,
    ) -> Checked:
        """Equal wherever the key is defined on the domain."""
        tree = scalar_of(evaluate(response.tree))
        if _is_other(tree):
            return wrong_kind("an expression", tree)
        return Checked.whole(compare(tree, evaluate(key), None, context))

    def show(self, tree: Tree, settings: ExpressionSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: ExpressionSettings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key, itself with nothing added; raised by one, an equation; a sign too many."""
        text = to_text(key)
        return Examples(
            (text, to_text(add(key, number(0)))),
            (to_text(add(key, number(1))), f"[{text}, 1]"),
            (f"{text} +", f"({text}"),
        )


def _is_other(tree: Tree) -> bool:
    """Whether the tree is no scalar at all."""
    return tree.kind in NOT_SCALAR
