"""The setting `form`: how a right value must be written, and what it earns where it is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from grader.answers.base import Checked, Settings
from grader.answers.tolerance import Amount, exact_amount
from grader.checking.verdict import Outcome, Verdict
from grader.loading import later
from grader.reading.tree import Tree

if TYPE_CHECKING:
    from grader.checking.forms import forms_of, judge_form
else:
    forms_of = later("grader.checking.forms:forms_of")
    judge_form = later("grader.checking.forms:judge_form")

FormSetting = str | dict[str, Any] | list[Any] | None


@dataclass(frozen=True, slots=True)
class FormSettings(Settings):
    """`form` names the forms that a right value must have; `form_share` is what it earns without them."""

    form: FormSetting = None
    form_share: Amount = 0

    def __post_init__(self) -> None:
        """Forms that there are, and a share between 0 and 1; ValueError says what is wrong."""
        if self.form is not None:
            forms_of(self.form)
        if not 0 <= exact_amount(self.form_share) <= 1:
            raise ValueError("form_share must be between 0 and 1.")

    def judged(self, verdict: Verdict, tree: Tree, key: Tree) -> Verdict:
        """The verdict on a value, and where that is right, on how the tree is written."""
        return judge_form(verdict, tree, key, forms_of(self.form)) if self.form is not None else verdict

    def share(self, outcome: Outcome) -> Fraction:
        """What an answer or an entry with this outcome earns of its points."""
        return exact_amount(self.form_share) if outcome is Outcome.WRONG_FORM else Fraction(outcome is Outcome.EQUAL)

    def checked(self, verdict: Verdict, tree: Tree, key: Tree) -> Checked:
        """The verdict on all of an answer, its form looked at too."""
        if self.form is None:
            return Checked.whole(verdict)
        judged = self.judged(verdict, tree, key)
        return replace(Checked.whole(judged), share=self.share(judged.outcome))
