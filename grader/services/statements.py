"""Telling a learning record store what was answered: from the outbox, until it has taken it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import httpx
from sqlalchemy.orm import Session, sessionmaker

from grader.services.access import Clock
from grader.store import statements
from grader.store.database import writing
from grader.store.statements import Told
from grader.xapi.sending import Answer, Store, send
from grader.xapi.statements import Graded, statement_of

LOG = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=2)
KEPT, DROPPED_EVERY = timedelta(days=30), timedelta(hours=1)
AT_ONCE = 50
JUDGED = "judged"
"""The cause of a submission's first grading."""


@dataclass(frozen=True, slots=True)
class Telling:
    """To which store, under which address of ours, and whether people's names are told beside log-in names."""

    store: Store
    home: str
    names: bool = False


def switch(sessions: sessionmaker[Session], *, is_on: bool) -> None:
    """Have gradings noted for a store from now on, or no longer."""
    with sessions() as session, writing(session):
        statements.switch(session, is_on=is_on)


@dataclass
class Reporter:
    """Who tells the store."""

    sessions: sessionmaker[Session]
    clock: Clock
    client: httpx.Client
    telling: Telling
    rng: Random = field(default_factory=Random)
    dropped: datetime | None = None

    def send_next(self) -> bool:
        """Send what has been due longest, some at once; False: there is nothing."""
        with self.sessions() as session:
            now = self.clock()
            if not statements.is_any_due(session, now):
                self._drop_old(session, now)
                return False
            with writing(session):
                taken = statements.take(session, now, LEASE, AT_ONCE)
                silent = [told.row.id for told in taken if told.preview or told.is_closed]
                statements.settle(session, silent, state="nothing")
            batch = [told for told in taken if told.row.id not in silent]
            if batch:
                self._send(session, batch)
            return bool(taken)

    def _send(self, session: Session, batch: Sequence[Told]) -> None:
        """Send these at once; where the store refuses them, one by one, so that one does not hold up the others."""
        tries = {told.row.id: told.row.tries for told in batch}
        made = {told.row.id: statement_of(self._graded(told)) for told in batch}
        session.rollback()  # nothing is open while the store takes its time
        sent = send(self.client, self.telling.store, list(made.values()))
        if sent.answer is not Answer.REFUSED or len(made) == 1:
            self._note(session, tries, sent.answer, sent.reason)
            return
        for number, statement in made.items():
            one = send(self.client, self.telling.store, [statement])
            self._note(session, {number: tries[number]}, one.answer, one.reason)

    def _graded(self, told: Told) -> Graded:
        row = told.row
        return Graded(
            statement_id=row.statement_id,
            moment=row.created,
            home=self.telling.home,
            account=told.login,
            name=told.name if self.telling.names else "",
            course_id=told.course_id,
            assignment_id=told.assignment_id,
            assignment=told.assignment,
            problem_id=told.problem_id,
            problem=told.problem,
            attempt_id=told.attempt_id,
            submission_id=row.submission_id,
            score=row.score,
            max_score=row.max_score,
            first=row.cause == JUDGED,
        )

    def _note(self, session: Session, tries: dict[int, int], answer: Answer, reason: str) -> None:
        """Write down what came of these statements."""
        now = self.clock()
        with writing(session):
            match answer:
                case Answer.TAKEN:
                    statements.settle(session, list(tries), state="sent", sent=now, reason="")
                case Answer.REFUSED:
                    LOG.error("%d statements are refused: %s", len(tries), reason)
                    statements.settle(session, list(tries), state="refused", reason=reason)
                case Answer.LATER:
                    LOG.warning("%d statements wait: %s", len(tries), reason)
                    due = now + self._pause(max(tries.values()))
                    statements.settle(session, list(tries), due=due, reason=reason)

    def _pause(self, tries: int) -> timedelta:
        """Twice as long each time, with some chance in it."""
        longest: timedelta = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
        return longest * self.rng.uniform(0.5, 1)

    def _drop_old(self, session: Session, now: datetime) -> None:
        """Forget what was settled long ago, now and then."""
        if self.dropped is None or now - self.dropped >= DROPPED_EVERY:
            self.dropped = now
            with writing(session):
                statements.drop_old(session, now - KEPT)
