"""Variants: a problem version and the seed from which its numbers are drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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


Key = tuple[int, int]
"""The id of a problem version, and a seed."""


def keep(session: Session, keys: Collection[Key]) -> Mapping[Key, int]:
    """Add those of these variants that are new, in an order in which no two writers wait for each other; their ids."""
    if not keys:
        return {}
    rows = [{"problem_version_id": version, "seed": seed} for version, seed in sorted(keys)]
    adding = insert(session, Variant).values(rows).on_conflict_do_nothing()
    added = session.execute(adding.returning(Variant.problem_version_id, Variant.seed, Variant.id))
    return {(version, seed): found for version, seed, found in added}


def ids_of(session: Session, keys: Collection[Key]) -> Mapping[Key, int]:
    """The ids of these variants, in one statement where none is new; new ones are added."""
    found = _present(session, keys)
    if missing := set(keys) - found.keys():
        found = {**found, **keep(session, missing)}
    if missing := set(keys) - found.keys():  # another has added them meanwhile
        found = {**found, **_present(session, missing)}
    return found


def variant_id(session: Session, problem_version_id: int, seed: int) -> int:
    """The id of this variant, which is added if it is new."""
    return ids_of(session, [(problem_version_id, seed)])[problem_version_id, seed]


def _present(session: Session, keys: Collection[Key]) -> Mapping[Key, int]:
    query = select(Variant.problem_version_id, Variant.seed, Variant.id).where(
        Variant.problem_version_id.in_({version for version, _ in keys}), Variant.seed.in_({seed for _, seed in keys})
    )
    return {(version, seed): found for version, seed, found in session.execute(query)}
