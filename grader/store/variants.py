"""Variants: a problem version and the seed from which its numbers are drawn."""

from __future__ import annotations

from sqlalchemy import BigInteger, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from grader.store.base import Base, Id, reference
from grader.store.database import insert
from grader.store.problems import ProblemVersion


class Variant(Base):
    """What a student is shown is a function of these two alone."""

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("problem_version_id", "seed"),)

    id: Mapped[Id]
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    seed: Mapped[int] = mapped_column(BigInteger())

    problem_version: Mapped[ProblemVersion] = relationship(lazy="raise")


def variant_id(session: Session, problem_version_id: int, seed: int) -> int:
    """The id of this variant, which is added if it is new."""
    values = {"problem_version_id": problem_version_id, "seed": seed}
    adding = insert(session, Variant).values(values).on_conflict_do_nothing().returning(Variant.id)
    added = session.scalar(adding)
    return session.scalars(select(Variant.id).filter_by(**values)).one() if added is None else added
