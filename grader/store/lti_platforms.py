"""Learning platforms, their deployments of this tool, and our own signing keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, false, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.base import Base, Id, JsonText, reference


class LtiPlatform(Base):
    """One client at one issuer; several may share an issuer. `ended`: no launch is taken any longer.

    `keys` is the platform's key set as it was fetched last. A `pending` one has registered itself, and nobody of
    the staff has confirmed it yet. Until `paused` its services are asked for nothing.
    """

    __tablename__ = "lti_platforms"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[Id]
    issuer: Mapped[str]
    client_id: Mapped[str]
    name: Mapped[str]
    authorization_url: Mapped[str]
    token_url: Mapped[str]
    keyset_url: Mapped[str]
    audience: Mapped[str]
    keys: Mapped[dict[str, Any] | None] = mapped_column(JsonText())
    keys_fetched: Mapped[datetime | None]
    created: Mapped[datetime]
    ended: Mapped[datetime | None]
    paused: Mapped[datetime | None]
    pending: Mapped[bool] = mapped_column(default=False, server_default=false())


class LtiDeployment(Base):
    """One deployment of the tool in a platform: a tenant of its own."""

    __tablename__ = "lti_deployments"
    __table_args__ = (UniqueConstraint("platform_id", "deployment"),)

    id: Mapped[Id]
    platform_id: Mapped[int] = mapped_column(reference("lti_platforms"))
    deployment: Mapped[str]
    created: Mapped[datetime]


class LtiOwnKey(Base):
    """A key pair of ours, its private half encrypted; a `retired` one is published for a while and signs nothing."""

    __tablename__ = "lti_own_keys"

    id: Mapped[Id]
    kid: Mapped[str] = mapped_column(unique=True)
    sealed: Mapped[str]
    created: Mapped[datetime]
    retired: Mapped[datetime | None]


def platforms(session: Session) -> Sequence[LtiPlatform]:
    """All platforms by name."""
    return session.scalars(select(LtiPlatform).order_by(LtiPlatform.name, LtiPlatform.id)).all()


def of_issuer(session: Session, issuer: str) -> Sequence[LtiPlatform]:
    """The clients at this issuer that launches are taken from, and those that nobody has confirmed yet."""
    query = select(LtiPlatform).where(LtiPlatform.issuer == issuer, LtiPlatform.ended.is_(None))
    return session.scalars(query.order_by(LtiPlatform.id)).all()


def pause(session: Session, platform_id: int, until: datetime) -> None:
    """Ask a platform's services for nothing until then; a pause that lasts longer stays."""
    is_shorter = or_(LtiPlatform.paused.is_(None), LtiPlatform.paused < until)
    query = update(LtiPlatform).where(LtiPlatform.id == platform_id, is_shorter).values(paused=until)
    session.execute(query.execution_options(synchronize_session=False))


def deployments(session: Session, platform_id: int) -> Sequence[LtiDeployment]:
    """The deployments that are known at a platform."""
    query = select(LtiDeployment).where(LtiDeployment.platform_id == platform_id)
    return session.scalars(query.order_by(LtiDeployment.id)).all()


def own_keys(session: Session, since: datetime) -> Sequence[LtiOwnKey]:
    """Our keys, the newest first, without those that were retired before `since`."""
    present = LtiOwnKey.retired.is_(None) | (LtiOwnKey.retired > since)
    return session.scalars(select(LtiOwnKey).where(present).order_by(LtiOwnKey.id.desc())).all()
