"""The texts of the bank as they are now, for what asks for the newest version of a problem."""

from __future__ import annotations

from grader.services.problems import ProblemSource, source_of
from grader.web.state import state


def newest_text(problem_id: str) -> ProblemSource | None:
    """The bank's problem with this id, as an assignment needs it; None where the bank has none."""
    problem = state().bank.problems.get(problem_id)
    return None if problem is None else source_of(problem)
