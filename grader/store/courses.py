"""Courses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.base import Base, Id


class Course(Base):
    """A course.

    With `secret` the seeds of its students' variants are made, so it is shown to nobody.
    `keeps_answers` says whether the answers of a student who is erased stay under a pseudonym.
    So many `retention_days` after the last thing that a student did here they are erased; None: never.
    """

    __tablename__ = "courses"

    id: Mapped[Id]
    title: Mapped[str]
    secret: Mapped[str]
    created: Mapped[datetime]
    keeps_answers: Mapped[bool] = mapped_column(default=False, server_default=false())
    retention_days: Mapped[int | None]
