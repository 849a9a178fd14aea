"""The problems of the bank that may be practised: those that the judge decides without a person."""

from __future__ import annotations

from typing import cast

from flask import current_app

from grader.bank.loading import Bank
from grader.services.problems import ProblemSource, source_of
from grader.web.state import state

KEY = "grader.pool"
FOR_PERSONS = "written"
"""The type of parts that a person reads, and in practice nobody would."""


def practice_sources() -> tuple[ProblemSource, ...]:
    """The shipped problems for practice, made once for each bank that is loaded."""
    bank = state().bank
    made = cast("tuple[Bank, tuple[ProblemSource, ...]] | None", current_app.extensions.get(KEY))
    if made is None or made[0] is not bank:
        made = bank, _sources(bank)
        current_app.extensions[KEY] = made
    return made[1]


def _sources(bank: Bank) -> tuple[ProblemSource, ...]:
    return tuple(
        source_of(problem)
        for problem in bank.problems.values()
        if all(part.type != FOR_PERSONS for part in problem.parts)
    )
