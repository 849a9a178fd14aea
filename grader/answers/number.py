"""A number: exact, or within a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples
from grader.answers.decimals import decimal_text
from grader.answers.entries import wrong_kind
from grader.answers.forms import FormSettings
from grader.answers.literals import evaluate
from grader.answers.scalars import compare, looks_rounded, scalar_of
from grader.answers.tolerance import Tolerance
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.checking.verdict import Outcome, TypeMismatch, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, names_in, number


@dataclass(frozen=True, slots=True)
class NumberSettings(FormSettings):
    """Without `tolerance` the number must be exact: 0.0156 is not 1/64."""

    tolerance: Tolerance | None = None


class NumberType(AnswerType[NumberSettings]):
    """Numbers, and expressions without variables such as `sqrt(2)/2`."""

    name = "number"
    meaning = "a number such as 3/4 or sqrt(2)/2"
    settings = NumberSettings

    def key_fault(self, key: Tree, settings: NumberSettings) -> str:  # noqa: ARG002 - any number, any tolerance
        """Only a scalar without variables can be the key."""
        tree = scalar_of(evaluate(key))
        names = names_in(tree)
        if tree.kind in NOT_SCALAR:
            return f"The answer is {kind_words(tree)}, not a number."
        return f"The answer is no number: it contains {', '.join(sorted(names))}." if names else ""

    def check(self, response: Answer, key: Tree, settings: NumberSettings, context: Context) -> Checked:
        """Exactly equal, or near enough by certified bounds; a decimal that only looks right is told so."""
        tree, right = scalar_of(evaluate(response.tree)), scalar_of(evaluate(key))
        if tree.kind in NOT_SCALAR:
            return wrong_kind("a number", tree)
        names = names_in(tree)
        if names:
            found = f"an expression in {', '.join(sorted(names))}"
            hint = f"You gave {found}; the answer is a number."
            return Checked.whole(Verdict(Outcome.INVALID, TypeMismatch("a number", found)), (hint,))
        verdict = compare(tree, right, settings.tolerance, context)
        if verdict.outcome is Outcome.DIFFERENT and looks_rounded(tree, right):
            return Checked.whole(verdict, (_more_digits(settings.tolerance),))
        return settings.checked(verdict, scalar_of(response.tree), key)

    def show(self, tree: Tree, settings: NumberSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def key_text(self, key: Tree, settings: NumberSettings) -> str:
        """With a tolerance, the decimal that a student would give."""
        return decimal_text(scalar_of(evaluate(key)), settings.tolerance)

    def examples(self, key: Tree, settings: NumberSettings) -> Examples:
        """The key; the key plus far more than the tolerance, a vector; a sign too many."""
        text = to_text(key)
        far = add(key, number(1), number(_reach(settings.tolerance)))
        return Examples((text,), (to_text(far), f"[{text}, 1]"), (f"{text} +", f"({text}"))


def _more_digits(tolerance: Tolerance | None) -> str:
    if tolerance is None:
        return "This looks rounded. Give the exact value, for example as a fraction or with a root."
    return f"This looks rounded too early. Give {tolerance.words()}."


def _reach(tolerance: Tolerance | None) -> Fraction:
    """A distance that no tolerance on a number of everyday size accepts."""
    if tolerance is None:
        return Fraction(0)
    return 2 * tolerance.amount() if tolerance.absolute is not None else Fraction(10**6)
