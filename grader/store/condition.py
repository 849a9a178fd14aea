"""What the tables tell of the condition of an installation: what waits for too long, what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from grader.store.jobs import Job
from grader.store.lti_grades import LtiGrade
from grader.store.lti_platforms import LtiOwnKey, LtiPlatform
from grader.store.submissions import MAX_CLAIMS, Submission
from grader.store.webhooks import DELETED, Webhook, WebhookDelivery


def clock_and_version(engine: Engine) -> tuple[datetime | None, tuple[int, ...]]:
    """The server's clock, None for SQLite, and its version."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            told = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
            return None, tuple(int(part) for part in told.split("."))
        number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment, (number // 10_000, number % 10_000)


def unjudged(session: Session, before: datetime) -> tuple[int, datetime | None]:
    """How many submissions from before this moment wait for the judge, and since when the first one does."""
    query = select(func.count(Submission.id), func.min(Submission.created))
    found = session.execute(
        query.where(Submission.state == "stored", Submission.claims < MAX_CLAIMS, Submission.created < before)
    ).one()
    return found[0], found[1]


def given_up(session: Session) -> int:
    """How many submissions were begun so often that nobody tries again."""
    query = select(func.count(Submission.id))
    return session.scalar(query.where(Submission.state == "stored", Submission.claims >= MAX_CLAIMS)) or 0


def overdue(session: Session, before: datetime) -> Sequence[tuple[str, int]]:
    """By kind of work, how much was due before this moment and is not done."""
    jobs = select(func.count(Job.id)).where(Job.state == "waiting", Job.due < before)
    grades = select(func.count(LtiGrade.id)).where(LtiGrade.state == "waiting", LtiGrade.due < before)
    messages = select(func.count(WebhookDelivery.id)).where(
        WebhookDelivery.state == "waiting", WebhookDelivery.due < before
    )
    counts = {"jobs": jobs, "grades for learning platforms": grades, "webhook messages": messages}
    return [(kind, found) for kind, query in counts.items() if (found := session.scalar(query) or 0)]


def dead_jobs(session: Session) -> int:
    """How many jobs failed so often that they wait for a person."""
    return session.scalar(select(func.count(Job.id)).where(Job.state == "dead")) or 0


def refused_grades(session: Session) -> int:
    """How many grades a learning platform has refused."""
    return session.scalar(select(func.count(LtiGrade.id)).where(LtiGrade.state == "refused")) or 0


def disabled_webhooks(session: Session) -> Sequence[tuple[int, str]]:
    """The webhooks to which nothing is sent any longer although nobody has deleted them, and why."""
    query = select(Webhook.id, Webhook.reason).where(Webhook.disabled.is_not(None), Webhook.reason != DELETED)
    return session.execute(query.order_by(Webhook.id)).all()


def stale_platforms(session: Session, before: datetime) -> Sequence[str]:
    """The names of platforms in use whose keys were fetched before this moment, or never."""
    query = select(LtiPlatform.name).where(LtiPlatform.ended.is_(None), LtiPlatform.keys_fetched < before)
    return session.scalars(query.order_by(LtiPlatform.name)).all()


def own_keys(session: Session) -> Sequence[LtiOwnKey]:
    """Our own key pairs that sign."""
    return session.scalars(select(LtiOwnKey).where(LtiOwnKey.retired.is_(None))).all()
