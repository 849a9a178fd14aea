"""An inequality, right when it has the same solutions as the key, however it is written."""

from __future__ import annotations

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings
from grader.answers.solutions import AS_SETS, check_set, read_set, set_examples, set_fault
from grader.reading.printing import to_text
from grader.reading.tree import Tree


class InequalityType(AnswerType[Settings]):
    """Inequalities and conditions joined by `and`, `or`; the interval of the solutions is right too."""

    name = "inequality"
    meaning = "an inequality such as 0 < x <= 1, or several joined by and, or"
    settings = Settings
    reading = AS_SETS

    def read(self, text: str, settings: Settings, context: Context) -> Answer:  # noqa: ARG002 - the same for all settings
        """Brackets with two ends are intervals, and a comma joins conditions."""
        return read_set(text, context)

    def key_fault(self, key: Tree, settings: Settings) -> str:  # noqa: ARG002 - the same for all settings
        """Only what describes a set of numbers can be the key."""
        return set_fault(key)

    def check(
        self,
        response: Answer,
        key: Tree,
        settings: Settings,  # noqa: ARG002 - the same for all settings
        context: Context,
    ) -> Checked:
        """The same solutions, with strict and not strict told apart."""
        return check_set(response, key, context)

    def show(self, tree: Tree, settings: Settings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: Settings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key, also twice; the empty set, a matrix; a bracket missing."""
        return set_examples(to_text(key), key)
