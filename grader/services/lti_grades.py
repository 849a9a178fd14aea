"""Grades on their way to learning platforms: the latest of each student, in order, until it has arrived."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.errors import PlatformFailed
from grader.lti import claims
from grader.lti.messages import Platform
from grader.lti.scores import Delivered, Delivery, create_line_item, delivered_of, find_line_item, send_score
from grader.services.access import Clock
from grader.services.lti_errands import HELD, NOTHING, Told, row_behind, to_tell
from grader.services.lti_platforms import platform_of
from grader.services.lti_tokens import Tokens
from grader.store import lti_grades, lti_links, lti_platforms
from grader.store.database import writing
from grader.store.lti_grades import Taken
from grader.store.lti_links import LtiLink

LOG = logging.getLogger(__name__)

SENT, SUPERSEDED, REFUSED = "sent", "superseded", "refused"
"""States of a grade besides "waiting", "held" and "nothing"."""
HELD_BACK = "held-grades"
"""The kind of job that has grades sent which an exam has held back until then."""
LEASE = timedelta(minutes=3)
"""Longer than all requests for one grade take; then another worker may try."""
LONGEST_ASKED = timedelta(days=1)
"""A platform that asks us to wait longer is asked again before."""
SCOPES = (claims.SCOPE_SCORE, claims.SCOPE_LINE_ITEM, claims.SCOPE_RESULT)
__all__ = ["HELD", "NOTHING", "REFUSED", "SENT", "SUPERSEDED", "Courier", "Pace", "send_again", "wanted_of"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long we wait before trying again: `first` after the first failure, then twice as long, to the `longest`."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Errand:
    """One grade that was taken to be sent, with all that sending needs."""

    grade: Taken
    link_id: int
    platform: Platform
    line_item: str
    line_items: str
    scopes: frozenset[str]
    told: Told


@dataclass
class Courier:
    """Who sends grades: a client, our secret, and the tokens that platforms have given."""

    sessions: sessionmaker[Session]
    clock: Clock
    client: httpx.Client
    secret: str
    rng: Random = field(default_factory=Random)
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self._tokens = Tokens(self.clock, self.client, self.secret)

    def send_next(self) -> bool:
        """Send the grade that has been due longest; False: there is none."""
        with self.sessions() as session:
            errand = _take(session, self.clock)
            if errand is None:
                return lti_grades.is_any_due(session, self.clock())
            try:
                delivered = self._deliver(session, errand)
            except PlatformFailed as failed:
                delivered = delivered_of(failed)
            self._settle(session, errand, delivered)
            return True

    def _deliver(self, session: Session, errand: Errand) -> Delivered:
        """Send it, into the link's column in the gradebook."""

        def ask(token: str) -> Delivered:
            column = errand.line_item or self._column(session, errand, token)
            return send_score(self.client, token, column, errand.told.score)

        session.rollback()  # nothing is open while the platform takes its time
        return self._tokens.use(session, errand.platform, wanted_of(errand.scopes), ask)

    def _column(self, session: Session, errand: Errand, token: str) -> str:
        """The address of the link's column, which is found or made by one worker at a time."""
        if not errand.line_items or claims.SCOPE_LINE_ITEM not in errand.scopes:
            raise PlatformFailed("The platform has given this link no column in its gradebook.")
        with writing(session):
            if not lti_links.claim_column(session, errand.link_id, self.clock(), LEASE):
                known = session.get_one(LtiLink, errand.link_id, populate_existing=True).line_item
                if not known:
                    raise PlatformFailed("The column in the gradebook is being made.")
                return known
        try:
            found = find_line_item(self.client, token, errand.line_items, errand.told.column)
            found = found or create_line_item(self.client, token, errand.line_items, errand.told.column)
        except PlatformFailed:
            with writing(session):
                lti_links.free_column(session, errand.link_id)
            raise
        with writing(session):
            lti_links.give_column(session, errand.link_id, found.url)
        return found.url

    def _settle(self, session: Session, errand: Errand, delivered: Delivered) -> None:
        """Note what became of it, or when to try again."""
        now, grade = self.clock(), errand.grade
        about = (errand.link_id, grade.student_id, delivered.reason)
        with writing(session):
            match delivered.outcome:
                case Delivery.SENT:
                    lti_grades.settle(session, grade, SENT, now)
                case Delivery.SUPERSEDED:
                    lti_grades.settle(session, grade, SUPERSEDED, now, delivered.reason)
                case Delivery.REFUSED:
                    LOG.error("grade for link %d, person %d refused: %s", *about)
                    lti_grades.settle(session, grade, REFUSED, now, delivered.reason)
                case Delivery.LATER:
                    LOG.warning("grade for link %d, person %d waits: %s", *about)
                    self._postpone(session, now, errand, delivered)

    def _postpone(self, session: Session, now: datetime, errand: Errand, delivered: Delivered) -> None:
        """Try again later; where the platform asks to wait, or is away, its other grades wait as well."""
        due = now + self._pause(errand.grade.tries, delivered.wait)
        lti_grades.postpone(session, errand.grade, due, delivered.reason)
        if delivered.wait is not None:
            lti_platforms.pause(session, errand.platform.id, now + _bounded(delivered.wait))
        elif delivered.is_silent:
            lti_platforms.pause(session, errand.platform.id, now + self._pause(1, None))

    def _pause(self, tries: int, asked: float | None) -> timedelta:
        """As long as the platform asks for, else twice as long each time; with some chance in it."""
        if asked is not None:
            return _bounded(asked) + self.pace.first * self.rng.uniform(0, 1)
        longest: timedelta = min(self.pace.first * 2 ** min(tries - 1, 20), self.pace.longest)
        return longest * self.rng.uniform(0.5, 1)


def send_again(session: Session, clock: Clock, link_ids: list[int], student_id: int | None = None) -> int:
    """Have grades that were refused or sent sent once more, for services that have checked who asks; how many."""
    with writing(session):
        return lti_grades.ask_again(session, clock(), link_ids, student_id)


def wanted_of(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes to ask a token for: those of ours that the platform grants."""
    return frozenset(SCOPES) & scopes or frozenset({claims.SCOPE_SCORE})


def _bounded(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, LONGEST_ASKED.total_seconds()))


def ask_for_held(session: Session, clock: Clock) -> None:
    """Have the worker look at all grades that exams hold back until a moment: it may have passed while nobody did."""
    now = clock()
    with writing(session):
        queue.put(session, now, HELD_BACK, {}, key="all")


def _ask_later(session: Session, now: datetime, assignment_id: int, until: datetime) -> None:
    """Have what an exam holds back told when its students are."""
    payload = {"assignment": assignment_id}
    queue.put(session, now, HELD_BACK, payload, key=f"{assignment_id} {until.isoformat()}", due=until)


def handler(clock: Clock) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `HELD_BACK`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        with writing(session):
            if "assignment" in payload:
                lti_grades.ask_untold(session, clock(), lti_links.ids_to(session, int(payload["assignment"])))
            else:
                lti_grades.ask_held(session, clock())

    return do


def _take(session: Session, clock: Clock) -> Errand | None:
    """Take the next grade, with a stamp later than all before; what needs no message is settled here."""
    now = clock()
    if not lti_grades.is_any_due(session, now):
        return None
    with writing(session):
        grade = lti_grades.take(session, now, LEASE)
    if grade is None:
        return None
    link = session.get_one(LtiLink, grade.link_id)
    platform = row_behind(session, link)
    subject = lti_links.subject_of(session, platform.id, grade.student_id)
    told = to_tell(session, clock, link, grade.student_id, subject, grade.stamp)
    if told.state or platform.ended is not None:
        with writing(session):
            lti_grades.settle(session, grade, told.state or NOTHING, now)
            if told.until is not None:
                _ask_later(session, now, link.assignment_id, told.until)
        return None
    scopes = frozenset(str(scope) for scope in link.scopes)
    return Errand(grade, link.id, platform_of(platform), link.line_item, link.line_items, scopes, told)
