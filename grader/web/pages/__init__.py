"""Pages for people, one module per noun; `BLUEPRINTS` lists them."""

from __future__ import annotations

from flask import Blueprint

from grader.web.pages.analysis import analysis
from grader.web.pages.assignment_editing import assignment_editing
from grader.web.pages.assignment_packages import assignment_packages
from grader.web.pages.assignments import assignments
from grader.web.pages.attempts import attempts
from grader.web.pages.bank import bank
from grader.web.pages.clusters import clusters_pages
from grader.web.pages.courses import courses
from grader.web.pages.editing import editing
from grader.web.pages.health import health
from grader.web.pages.help import help_pages
from grader.web.pages.hints import hints
from grader.web.pages.invitations import invitations
from grader.web.pages.jobs import jobs
from grader.web.pages.people import people
from grader.web.pages.platforms import platforms
from grader.web.pages.practice import practice
from grader.web.pages.queue import queue
from grader.web.pages.regrades import regrades
from grader.web.pages.results import results
from grader.web.pages.sessions import sessions
from grader.web.pages.settings import settings
from grader.web.pages.students import students
from grader.web.pages.submissions import submissions

BLUEPRINTS: tuple[Blueprint, ...] = (
    health,
    sessions,
    settings,
    courses,
    assignments,
    attempts,
    hints,
    practice,
    submissions,
    results,
    analysis,
    clusters_pages,
    regrades,
    students,
    queue,
    people,
    invitations,
    bank,
    editing,
    assignment_editing,
    assignment_packages,
    platforms,
    jobs,
    help_pages,
)
