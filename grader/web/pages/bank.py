"""The bank browser: problems of the bank and of one's courses, and one problem at any seed, with its key."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grader.bank.findings import Finding
from grader.bank.json_schema import problem_schema
from grader.bank.problem import Problem
from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.services import authoring, browsing, courses
from grader.services.access import INSTRUCTOR
from grader.web.auth import current_actor, teaches
from grader.web.browsing import FIELDS, LEVELS, shipped_cards, wanted_in
from grader.web.findings import by_line, shown_finding
from grader.web.languages import wished_language
from grader.web.specimens import specimen_of
from grader.web.state import database, state
from grader.web.variants import variant_at

bank = Blueprint("bank", __name__)

LAST_SEED = 999_999
ON_A_PAGE = 50


@bank.get("/bank")
def index() -> str:
    """The problems that a search finds, a page of them."""
    require_teacher()
    wanted = wanted_in(request.args)
    found, taught = browsing.browse(database(), current_actor(), shipped_cards(state().bank), wanted)
    pages = max(1, -(-len(found) // ON_A_PAGE))
    number = min(_page_number(request.args.get("page", "1")), pages)
    every = state().bank.problems.values()
    return render_template(
        "bank/index.html",
        section="bank",
        topics=sorted({problem.topic for problem in every} | {card.topic for card in found if card.topic}),
        families=sorted({problem.family for problem in every}),
        levels=LEVELS,
        wanted=wanted,
        query={name: getattr(wanted, name) for name in FIELDS if getattr(wanted, name)},
        problems=found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE],
        total=len(found),
        page=number,
        pages=pages,
        taught=taught,
        writable=_writable(),
    )


@bank.get("/bank/<problem_id>")
def show(problem_id: str) -> str:
    """One variant of a problem with its key, hints and solution."""
    problem = _problem(problem_id)
    seed = read_seed(request.args.get("seed", "1"))
    variant = variant_at(problem.source, seed, wished_language())
    return render_template(
        "bank/show.html",
        section="bank",
        problem=problem,
        seed=seed,
        last_seed=LAST_SEED,
        writable=_writable(),
        **specimen_of(variant),
    )


@bank.get("/bank/<problem_id>/source")
def source(problem_id: str) -> str:
    """The file of a problem with what lint finds at its lines."""
    problem = _problem(problem_id)
    lines = problem.source.split("\n")
    findings = [shown_finding(each, lines, 1) for each in _findings(problem.version, problem.source)]
    return render_template(
        "bank/source.html",
        section="bank",
        problem=problem,
        lines=lines,
        findings=findings,
        marked=by_line(findings),
        writable=_writable(),
    )


@bank.post("/bank/<problem_id>/copy")
def copy(problem_id: str) -> ResponseReturnValue:
    """A copy of the problem that belongs to a course and can be changed there."""
    problem, actor, session = _problem(problem_id), current_actor(), database()
    course_id = request.form.get("course", type=int) or 0
    course = courses.course(session, actor, course_id)
    taken = {*state().bank.problems, *authoring.ids_of(session, course.id)}
    text = authoring.renamed(problem.source, authoring.free_id(f"{problem.id}-own"[:80], taken))
    seen = state().examine(text, 1)
    made = authoring.add_problem(session, state().clock, actor, course_id, text, seen, state().bank.problems)
    return redirect(url_for("editing.edit", course_id=course_id, own_id=made.key), 303)


@bank.get("/bank.schema.json")
def schema() -> Response:
    """The JSON Schema of problem files, from which the editor completes."""
    require_teacher()
    response = jsonify(_schema())
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def require_teacher() -> None:
    """The bank shows keys: it is for staff and for those who teach a course."""
    current_actor()
    if not teaches():
        raise Forbidden("The problem bank shows answers, so it is open to teachers only.")


def read_seed(text: str) -> int:
    """The seed as a whole number within bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LAST_SEED)) and int(text) >= 1):
        raise InvalidRequest(f"A seed is a whole number from 1 to {LAST_SEED}.", "seed")
    return int(text)


@lru_cache(maxsize=1)
def _schema() -> Any:
    return problem_schema()


@lru_cache(maxsize=1000)
def _kept_findings(version: str) -> list[tuple[Finding, ...]]:
    """A place for the findings of a version, which never change."""
    del version
    return []


def _findings(version: str, text: str) -> tuple[Finding, ...]:
    kept = _kept_findings(version)
    if not kept:
        kept.append(state().examine(text, 1).findings)
    return kept[0]


def _problem(problem_id: str) -> Problem:
    require_teacher()
    problem = state().bank.problems.get(problem_id)
    if problem is None:
        raise NotFound("There is no such problem in the bank.")
    return problem


def _writable() -> list[tuple[int, str]]:
    """The courses in which the person may write problems."""
    mine = courses.list_courses(database(), current_actor())
    return [(course.id, course.title) for course in mine if course.role == INSTRUCTOR]


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1
