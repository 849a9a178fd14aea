"""An expression in the problem's variables, right when it is equal to the key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, read_tree
from grader.answers.entries import wrong_kind
from grader.answers.forms import FormSettings
from grader.answers.literals import evaluate
from grader.answers.scalars import equal, scalar_of
from grader.answers.up_to import UpTo, UpToSetting, read_up_to
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.loading import later
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number

if TYPE_CHECKING:
    from grader.answers.equal_up_to import compare_up_to
else:
    compare_up_to = later("grader.answers.equal_up_to:compare_up_to")


@dataclass(frozen=True, slots=True)
class ExpressionSettings(FormSettings):
    """`up_to` says in what a response may depart from the key: a constant, a factor, a sign, names.

    With `strict` values at isolated points count: `x^2/x` is not `x`.
    """

    up_to: UpToSetting | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no way of departing from the key, and no form."""
        FormSettings.__post_init__(self)
        if not isinstance(self.strict, bool):
            raise ValueError("`strict` is true or false.")  # noqa: TRY004 - a setting of the caller
        if self.up_to is not None:
            UpTo.of(self.up_to)
            if self.strict:
                raise ValueError("`strict` and `up_to` cannot stand together.")

    @property
    def way(self) -> UpTo:
        """The way of departing from the key; only where one was set."""
        return UpTo.of(self.up_to)


class ExpressionType(AnswerType[ExpressionSettings]):
    """Expressions; dot products, norms and determinants of literals are worked out."""

    name = "expression"
    meaning = "an expression such as 12x^2 - 5"
    settings = ExpressionSettings

    def key_fault(self, key: Tree, settings: ExpressionSettings) -> str:  # noqa: ARG002 - the same for all settings
        """Only a scalar can be the key."""
        tree = scalar_of(evaluate(key))
        return f"The answer is {kind_words(tree)}, not an expression." if _is_other(tree) else ""

    def read(self, text: str, settings: ExpressionSettings, context: Context) -> Answer:
        """As typed; with the names that `up_to` leaves open."""
        reading = read_tree(text, context) if settings.up_to is None else read_up_to(text, settings.way, context)
        return Answer(reading.tree, reading.notices, reading.second, reading.others)

    def check(self, response: Answer, key: Tree, settings: ExpressionSettings, context: Context) -> Checked:
        """Equal wherever the key is defined on the domain, up to what is left open, in the form asked for."""
        tree, right = scalar_of(evaluate(response.tree)), scalar_of(evaluate(key))
        if _is_other(tree):
            return wrong_kind("an expression", tree)
        if settings.up_to is None:
            verdict = equal(tree, right, context, strict=settings.strict)
        else:
            verdict = compare_up_to(tree, right, settings.way, context)
        if settings.form is None:
            return Checked.whole(verdict)
        return settings.checked(verdict, scalar_of(response.tree), key)

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
