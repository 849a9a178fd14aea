"""What a platform's people, courses and links are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, JsonText, reference
from grader.store.lti_platforms import LtiDeployment


class LtiPerson(Base):
    """A platform's person and who that is here."""

    __tablename__ = "lti_people"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)

    id: Mapped[Id]
    platform_id: Mapped[int] = mapped_column(reference("lti_platforms"))
    subject: Mapped[str]
    user_id: Mapped[int] = mapped_column(reference("users"), index=True)
    created: Mapped[datetime]


class LtiContext(Base):
    """A platform's course in one deployment, and the course that it is here."""

    __tablename__ = "lti_contexts"
    __table_args__ = (UniqueConstraint("deployment_id", "context"),)

    id: Mapped[Id]
    deployment_id: Mapped[int] = mapped_column(reference("lti_deployments"))
    context: Mapped[str]
    course_id: Mapped[int] = mapped_column(reference("courses"), index=True)
    title: Mapped[str]
    roster_url: Mapped[str]
    created: Mapped[datetime]


class LtiLink(Base):
    """A link in a platform's course to an assignment, or to one of its problems.

    `line_item` is its column in the gradebook, "" as long as it has none; `line_items` is where one can be made.
    `scopes` are those that the platform grants. Until `column_claimed` is past somebody is making the column.
    """

    __tablename__ = "lti_links"
    __table_args__ = (UniqueConstraint("deployment_id", "resource_link"),)

    id: Mapped[Id]
    deployment_id: Mapped[int] = mapped_column(reference("lti_deployments"))
    context_id: Mapped[int] = mapped_column(reference("lti_contexts"))
    resource_link: Mapped[str]
    assignment_id: Mapped[int] = mapped_column(reference("assignments"), index=True)
    problem: Mapped[str]
    line_item: Mapped[str]
    line_items: Mapped[str]
    scopes: Mapped[list[Any]] = mapped_column(JsonText())
    column_claimed: Mapped[datetime | None]
    created: Mapped[datetime]


def person(session: Session, platform_id: int, subject: str) -> LtiPerson | None:
    """Who this subject is here."""
    return session.scalar(select(LtiPerson).where(LtiPerson.platform_id == platform_id, LtiPerson.subject == subject))


def deployment(session: Session, platform_id: int, name: str) -> LtiDeployment | None:
    """The deployment of a platform with this name."""
    return session.scalar(
        select(LtiDeployment).where(LtiDeployment.platform_id == platform_id, LtiDeployment.deployment == name)
    )


def context(session: Session, deployment_id: int, name: str) -> LtiContext | None:
    """The course of ours that belongs to a platform's."""
    return session.scalar(
        select(LtiContext).where(LtiContext.deployment_id == deployment_id, LtiContext.context == name)
    )


def link(session: Session, deployment_id: int, resource_link: str) -> LtiLink | None:
    """Where a platform's link leads."""
    return session.scalar(
        select(LtiLink).where(LtiLink.deployment_id == deployment_id, LtiLink.resource_link == resource_link)
    )


def contexts_of(session: Session, course_id: int) -> Sequence[LtiContext]:
    """The platforms' courses that are this course here, the newest first."""
    query = select(LtiContext).where(LtiContext.course_id == course_id)
    return session.scalars(query.order_by(LtiContext.id.desc())).all()


def people_of(session: Session, platform_id: int, user_ids: Sequence[int]) -> set[int]:
    """Those of these people who came from a platform."""
    known = session.scalars(select(LtiPerson.user_id).where(LtiPerson.platform_id == platform_id))
    return set(known) & set(user_ids)


def ids_to(session: Session, assignment_id: int) -> list[int]:
    """The links that lead to an assignment or one of its problems."""
    query = select(LtiLink.id).where(LtiLink.assignment_id == assignment_id)
    return list(session.scalars(query.order_by(LtiLink.id)))


def all_ids(session: Session) -> list[int]:
    """All links."""
    return list(session.scalars(select(LtiLink.id).order_by(LtiLink.assignment_id, LtiLink.id)))


def ids_from(session: Session, platform_id: int) -> list[int]:
    """The links that come from a platform."""
    query = select(LtiLink.id).join(LtiDeployment, LtiDeployment.id == LtiLink.deployment_id)
    return list(session.scalars(query.where(LtiDeployment.platform_id == platform_id).order_by(LtiLink.id)))


def subjects_of(session: Session, platform_id: int, user_ids: Sequence[int]) -> Mapping[int, str]:
    """The platform's ids of those of these people whom it knows; the first one of each."""
    query = select(LtiPerson.user_id, LtiPerson.subject).where(LtiPerson.platform_id == platform_id)
    wanted, found = set(user_ids), dict[int, str]()
    for user_id, subject in session.execute(query.order_by(LtiPerson.id)):
        if user_id in wanted:
            found.setdefault(user_id, subject)
    return found


def subject_of(session: Session, platform_id: int, user_id: int) -> str:
    """The platform's id of a person, "" for somebody whom it does not know."""
    query = select(LtiPerson.subject).where(LtiPerson.platform_id == platform_id, LtiPerson.user_id == user_id)
    return session.scalars(query.order_by(LtiPerson.id)).first() or ""


def claim_column(session: Session, link_id: int, now: datetime, lease: timedelta) -> bool:
    """Whether the caller is the one who finds or makes the link's column now."""
    is_free = LtiLink.column_claimed.is_(None) | (LtiLink.column_claimed <= now)
    claimed = session.scalar(
        update(LtiLink)
        .where(LtiLink.id == link_id, LtiLink.line_item == "", is_free)
        .values(column_claimed=now + lease)
        .returning(LtiLink.id)
        .execution_options(synchronize_session=False)
    )
    return claimed is not None


def free_column(session: Session, link_id: int) -> None:
    """Let the next one try to make the column."""
    session.execute(update(LtiLink).where(LtiLink.id == link_id).values(column_claimed=None))


def give_column(session: Session, link_id: int, line_item: str) -> None:
    """Remember the link's column, which was found or made."""
    session.execute(update(LtiLink).where(LtiLink.id == link_id).values(line_item=line_item, column_claimed=None))
