"""Variants that were made before anybody asked for them, with all that showing and judging them needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint, delete, func, select, text, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, reference
from grader.store.database import insert
from grader.store.problems import ProblemVersion

T = TypeVar("T")
FAULTY = text("body IS NULL")
BATCH = 500
ANY = ""
"""In place of a language, where no variant could be made."""


class ReadyVariant(Base):
    """A variant in one language: a function of problem version and seed, as the engine `maker` makes it.

    `body` is `bank.keeping.pack`; None where it could not be made, and `fault` says why. Whoever it is for
    cannot be told from it. Rows may be deleted at any time: what is not here is made when it is asked for.
    """

    __tablename__ = "ready_variants"
    __table_args__ = (
        UniqueConstraint("seed", "problem_version_id", "language"),
        Index("ix_ready_variants_faults", "problem_version_id", sqlite_where=FAULTY, postgresql_where=FAULTY),
    )

    id: Mapped[Id]
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    seed: Mapped[int] = mapped_column(BigInteger())
    language: Mapped[str]
    maker: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary())
    fault: Mapped[str]
    created: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making one variant: its bytes by language, or none of them and why."""

    problem_version_id: int
    seed: int
    bodies: Mapping[str, bytes]
    fault: str = ""


def find(session: Session, version: str, seed: int, maker: str, languages: Collection[str]) -> Mapping[str, bytes]:
    """The variant of the problem text with this hash, by language, in those of these that there are."""
    query = (
        select(ReadyVariant.language, ReadyVariant.body)
        .join(ProblemVersion, ProblemVersion.id == ReadyVariant.problem_version_id)
        .where(
            ReadyVariant.seed == seed,
            ProblemVersion.version == version,
            ReadyVariant.maker == maker,
            ReadyVariant.language.in_(languages),
        )
    )
    return {language: body for language, body in session.execute(query) if body is not None}


def keep(session: Session, now: datetime, maker: str, made: Sequence[Made]) -> None:
    """Keep what was made, in place of what another version or an earlier try has made of the same."""
    in_order = sorted(made, key=lambda one: (one.problem_version_id, one.seed))
    for some in _in_batches([row for one in in_order for row in _rows(now, maker, one)]):
        statement = insert(session, ReadyVariant).values(some)
        news = {name: statement.excluded[name] for name in ("maker", "body", "fault", "created")}
        known = ("seed", "problem_version_id", "language")
        session.execute(statement.on_conflict_do_update(index_elements=known, set_=news))
    for well in _in_batches([(one.seed, one.problem_version_id) for one in made if one.bodies]):
        place = tuple_(ReadyVariant.seed, ReadyVariant.problem_version_id)
        session.execute(delete(ReadyVariant).where(place.in_(well), ReadyVariant.language == ANY))


def known(
    session: Session, problem_version_id: int, seeds: Sequence[int], maker: str, since: datetime
) -> frozenset[int]:
    """Those of the seeds whose variants there are, or could not be made since then."""
    found: set[int] = set()
    for some in _in_batches(seeds):
        query = select(ReadyVariant.seed).where(
            ReadyVariant.seed.in_(some),
            ReadyVariant.problem_version_id == problem_version_id,
            ReadyVariant.maker == maker,
            ReadyVariant.body.is_not(None) | (ReadyVariant.created > since),
        )
        found.update(session.scalars(query))
    return frozenset(found)


def number_faulty(session: Session, problem_version_id: int, maker: str, since: datetime) -> int:
    """For how many seeds no variant of this version could be made since then."""
    query = select(func.count()).where(
        ReadyVariant.problem_version_id == problem_version_id,
        ReadyVariant.body.is_(None),
        ReadyVariant.maker == maker,
        ReadyVariant.created > since,
    )
    return session.scalar(query) or 0


def faults(session: Session, versions: Sequence[str], maker: str) -> Mapping[str, str]:
    """Why variants of problem texts with these hashes could not be made: one reason for each that has any."""
    query = (
        select(ProblemVersion.version, func.min(ReadyVariant.fault))
        .join(ReadyVariant, ReadyVariant.problem_version_id == ProblemVersion.id)
        .where(
            ProblemVersion.version.in_(versions),
            ReadyVariant.body.is_(None),
            ReadyVariant.maker == maker,
            ReadyVariant.fault != "",
        )
        .group_by(ProblemVersion.version)
    )
    return dict(session.execute(query).all())


def _rows(now: datetime, maker: str, one: Made) -> Iterator[dict[str, Any]]:
    bodies: Iterable[tuple[str, bytes | None]] = one.bodies.items() or [(ANY, None)]
    for language, body in bodies:
        yield {
            "problem_version_id": one.problem_version_id,
            "seed": one.seed,
            "language": language,
            "maker": maker,
            "body": body,
            "fault": one.fault,
            "created": now,
        }


def _in_batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for begin in range(0, len(values), BATCH):
        yield values[begin : begin + BATCH]
