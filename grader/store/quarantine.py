"""Responses that stopped the process that judged them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import BigInteger, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, JsonText, reference
from grader.store.database import insert

HELD_FROM = 2
"""With so many strikes a response is no longer judged; killing its process is worth two, running out of time one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a response did to the process that judged it."""

    part: str
    response: str
    strikes: int
    reason: str


class Quarantined(Base):
    """One response to one part of one variant, how often it did harm, and how.

    From `HELD_FROM` strikes on it is held: not judged until a person says so.
    `submission_id` is the last submission in which it came.
    """

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("problem_version_id", "seed", "part", "response_hash"),)

    id: Mapped[Id]
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    seed: Mapped[int] = mapped_column(BigInteger())
    part: Mapped[str]
    response_hash: Mapped[str]
    response: Mapped[str] = mapped_column(JsonText())
    submission_id: Mapped[int] = mapped_column(reference("submissions"), index=True)
    strikes: Mapped[int]
    reason: Mapped[str]
    created: Mapped[datetime]
    last: Mapped[datetime]


def hash_of(response: str) -> str:
    """What a response is known by; every text has one, lone surrogates too."""
    return sha256(response.encode("utf-8", "surrogatepass")).hexdigest()


def held(
    session: Session, problem_version_id: int, seed: int, responses: Mapping[str, str]
) -> Mapping[str, Quarantined]:
    """Those of the responses to a variant that are held, by part."""
    rows = session.scalars(
        select(Quarantined).where(
            Quarantined.problem_version_id == problem_version_id,
            Quarantined.seed == seed,
            Quarantined.strikes >= HELD_FROM,
            Quarantined.part.in_(responses),
        )
    )
    return {row.part: row for row in rows if hash_of(responses[row.part]) == row.response_hash}


def strike(session: Session, now: datetime, submission_id: int, variant: tuple[int, int], fault: Fault) -> None:
    """Count one more fault of a response."""
    values = {
        "problem_version_id": variant[0],
        "seed": variant[1],
        "part": fault.part,
        "response_hash": hash_of(fault.response),
        "response": fault.response,
        "submission_id": submission_id,
        "strikes": fault.strikes,
        "reason": fault.reason,
        "created": now,
        "last": now,
    }
    known = ("problem_version_id", "seed", "part", "response_hash")
    statement = insert(session, Quarantined).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=known,
            set_={
                "strikes": Quarantined.strikes + fault.strikes,
                "reason": fault.reason,
                "submission_id": submission_id,
                "last": now,
            },
        )
    )


def listed(session: Session, submission_ids: Select[int] | None, most: int) -> Sequence[Quarantined]:
    """The held responses that came last in these submissions, the last one first; None: all."""
    query = select(Quarantined).where(Quarantined.strikes >= HELD_FROM)
    if submission_ids is not None:
        query = query.where(Quarantined.submission_id.in_(submission_ids))
    return session.scalars(query.order_by(Quarantined.last.desc(), Quarantined.id.desc()).limit(most)).all()
