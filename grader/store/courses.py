"""Courses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from grader.store.base import Base, Id


class Course(Base):
    """A course.

    With `secret` the seeds of its students' variants are made, so it is shown to nobody.
    """

    __tablename__ = "courses"

    id: Mapped[Id]
    title: Mapped[str]
    secret: Mapped[str]
    created: Mapped[datetime]
