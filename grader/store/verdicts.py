"""Verdicts on answers to variants that many have in hand: the same answer is judged once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.database import insert


class KnownVerdict(Base):
    """The result of one answer: a function of problem version, seed, response and engine, so it never changes.

    `response` is a hash: whose answer it was cannot be told from it. `result` is `grading.Result.to_json()`.
    """

    __tablename__ = "verdicts"
    __table_args__ = (UniqueConstraint("problem_version_id", "seed", "response", "engine"),)

    id: Mapped[Id]
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    seed: Mapped[int] = mapped_column(BigInteger())
    response: Mapped[str]
    engine: Mapped[str]
    result: Mapped[dict[str, Any]]
    created: Mapped[datetime]


def find(session: Session, problem_version_id: int, seed: int, response: str, engine: str) -> dict[str, Any] | None:
    """The result of this answer, None where it is not known."""
    query = select(KnownVerdict.result).filter_by(
        problem_version_id=problem_version_id, seed=seed, response=response, engine=engine
    )
    return session.scalar(query)


def drop_others(session: Session, engine: str) -> None:
    """Forget what other engines have judged: nobody asks for it again."""
    session.execute(delete(KnownVerdict).where(KnownVerdict.engine != engine))


def keep(
    session: Session,
    now: datetime,
    variant: tuple[int, int],
    response: str,
    engine: str,
    result: dict[str, Any],
) -> None:
    """Keep a result for the next one with this answer; `variant` is the problem version and the seed."""
    version, seed = variant
    row = {
        "problem_version_id": version,
        "seed": seed,
        "response": response,
        "engine": engine,
        "result": result,
        "created": now,
    }
    session.execute(insert(session, KnownVerdict).values(row).on_conflict_do_nothing())
