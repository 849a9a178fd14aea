"""Sweeps over a text that is being written: asked for in the browser, run in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from grader import queue
from grader.bank.findings import Finding
from grader.errors import Forbidden, InvalidRequest
from grader.isolation import GivenUp
from grader.services.access import Actor, Clock
from grader.services.authoring import own_problem
from grader.services.examining import LONGEST_SOURCE
from grader.store import problem_saves
from grader.store.database import writing
from grader.store.problem_saves import ProblemSweep

SWEEP = "sweep"
"""The kind of job that sweeps."""
SEEDS = 50
MOST_SEEDS = 500
LONGEST = timedelta(seconds=90)
"""A sweep that has not come to its end by then is given up, so that other jobs have their turn."""

Swept = tuple[int, int, Sequence[Finding]]
"""So many seeds are done, so many variants were different, this was found."""
Sweep = Callable[[str, int], Iterator[Swept]]
"""Sweeps a text over seeds, and says again and again how far it has come."""


@dataclass(frozen=True, slots=True)
class SweepView:
    """How far a sweep is and what it has found; `source` is the text that is swept."""

    id: int
    source: str
    seeds: int
    done: int
    distinct: int
    findings: tuple[Finding, ...]
    failure: str
    asked: datetime

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be found."""
        return self.done >= self.seeds or bool(self.failure)


def ask_for_sweep(
    session: Session, clock: Clock, actor: Actor, course_id: int, key: str, source: str, seeds: int = SEEDS
) -> SweepView:
    """Have a text swept in place of an earlier one of the same problem (instructor)."""
    if not 1 <= seeds <= MOST_SEEDS or len(source) > LONGEST_SOURCE:
        raise InvalidRequest(f"A sweep is over 1 to {MOST_SEEDS} seeds.", "seeds")
    now = clock()
    with writing(session):
        problem = own_problem(session, actor, course_id, key)
        if not problem.may_edit:
            raise Forbidden("Only an instructor of the course may sweep.")
        row = ProblemSweep(
            problem_id=problem.id,
            source=source,
            seeds=seeds,
            done=0,
            distinct=0,
            findings=[],
            failure="",
            author_id=actor.user_id,
            created=now,
        )
        session.add(row)
        session.flush()
        problem_saves.drop_older_sweeps(session, problem.id, row.id)
        queue.put(session, now, SWEEP, {"sweep": row.id}, key=str(row.id))
        return _view(row)


def newest_sweep(session: Session, actor: Actor, course_id: int, key: str) -> SweepView | None:
    """The sweep that was asked for last."""
    row = problem_saves.newest_sweep(session, own_problem(session, actor, course_id, key).id)
    return None if row is None else _view(row)


def handler(clock: Clock, sweep: Sweep) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `SWEEP`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        run_sweep(session, clock, sweep, int(payload["sweep"]))

    return do


def run_sweep(session: Session, clock: Clock, sweep: Sweep, sweep_id: int) -> None:
    """Sweep and note how far it is, until it is over or a newer one has taken its place."""
    row = session.get(ProblemSweep, sweep_id)
    if row is None:
        return
    end = clock() + LONGEST
    try:
        for done, distinct, findings in sweep(row.source, row.seeds):
            so_far = [each.to_json() for each in findings]
            if not _note(session, sweep_id, done=done, distinct=distinct, findings=so_far):
                return
            if clock() > end:
                raise GivenUp(f"it took longer than {LONGEST.seconds} seconds")
    except GivenUp as error:
        _note(session, sweep_id, failure=f"The sweep was given up: {error}.")


def _note(session: Session, sweep_id: int, **values: Any) -> bool:
    """Write down how far it is; False where the sweep is gone."""
    with writing(session):
        row = session.get(ProblemSweep, sweep_id, populate_existing=True, with_for_update=True)
        for name, value in values.items() if row is not None else ():
            setattr(row, name, value)
        return row is not None


def _view(row: ProblemSweep) -> SweepView:
    findings = tuple(Finding(**{**each, "seeds": tuple(each["seeds"])}) for each in row.findings)
    return SweepView(row.id, row.source, row.seeds, row.done, row.distinct, findings, row.failure, row.created)
