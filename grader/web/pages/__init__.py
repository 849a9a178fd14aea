"""Pages for people, one module per noun; `BLUEPRINTS` lists them."""

from __future__ import annotations

from flask import Blueprint

from grader.web.pages.assignments import assignments
from grader.web.pages.attempts import attempts
from grader.web.pages.bank import bank
from grader.web.pages.courses import courses
from grader.web.pages.health import health
from grader.web.pages.help import help_pages
from grader.web.pages.results import results
from grader.web.pages.sessions import sessions
from grader.web.pages.students import students
from grader.web.pages.submissions import submissions

BLUEPRINTS: tuple[Blueprint, ...] = (
    health,
    sessions,
    courses,
    assignments,
    attempts,
    submissions,
    results,
    students,
    bank,
    help_pages,
)
