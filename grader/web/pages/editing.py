"""Problems of a course in the browser: written, looked at, swept and saved, each save a text of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import fields
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.bank.findings import ERROR
from grader.bank.starting import KINDS, Header, header_fault, slug_of, started, usual_header
from grader.errors import Forbidden, InvalidRequest
from grader.services import authoring, courses, sweeps
from grader.services.access import INSTRUCTOR
from grader.services.authoring import OwnProblem, Stale
from grader.services.courses import CourseView
from grader.services.examining import LONGEST_SOURCE, SEEDS_BEFORE_SAVING, Examination
from grader.services.sweeps import SEEDS, SweepView
from grader.web.auth import current_actor
from grader.web.browsing import LEVELS
from grader.web.errors import status_of
from grader.web.findings import by_line, shown_finding
from grader.web.headers import POLICY, is_script
from grader.web.pages.bank import LAST_SEED, read_seed
from grader.web.specimens import specimen_of
from grader.web.state import database, state

editing = Blueprint("editing", __name__)

HEADER = tuple(field.name for field in fields(Header))


@editing.route("/courses/<int:course_id>/problems/new", methods=["GET", "POST"])
def create(course_id: int) -> ResponseReturnValue:
    """A new problem from a template: what kind of answer, and a header of one's own."""
    course = courses.course(database(), current_actor(), course_id)
    if course.role != INSTRUCTOR:
        raise Forbidden(_("Only an instructor of the course may do this."))
    kind = request.form.get("kind", next(iter(KINDS)))
    if request.method == "GET":
        return _new_page(course, kind, {"level": "standard"}, {})
    header = {name: request.form.get(name, "").strip() for name in HEADER}
    kind = kind if kind in KINDS else next(iter(KINDS))
    header = _filled(header, kind, course_id)
    faults = {name: fault for name in HEADER if (fault := header_fault(name, header[name]))}
    if faults:
        return make_response(_new_page(course, kind, header, faults), 400)
    text = started(kind, Header(**header))
    try:
        taken = {*state().bank.problems, "new"}  # which is the address of this page
        seen = state().examine(text, 1)
        made = authoring.add_problem(database(), state().clock, current_actor(), course_id, text, seen, taken)
    except InvalidRequest as error:
        return make_response(_new_page(course, kind, header, {error.field: str(error)}), status_of(error))
    flash(_("The problem is there: whole, commented and clean. Change it as you like."), "right")
    return redirect(url_for("editing.edit", course_id=course_id, own_id=made.key), 303)


@editing.get("/courses/<int:course_id>/problems/<own_id>")
def show(course_id: int, own_id: str) -> str:
    """The problem at a seed with its key, its findings and its saves."""
    actor, session = current_actor(), database()
    save = request.args.get("save", type=int)
    problem = authoring.own_problem(session, actor, course_id, own_id, save)
    seed = read_seed(request.args.get("seed", "1"))
    return render_template(
        "bank/own.html",
        section="bank",
        problem=problem,
        saves=authoring.saves(session, actor, course_id, own_id),
        is_newest=save is None,
        seed=seed,
        last_seed=LAST_SEED,
        lines=problem.source.split("\n"),
        **_seen(problem.source, state().examine(problem.source, seed), seed),
    )


@editing.route("/courses/<int:course_id>/problems/<own_id>/edit", methods=["GET", "POST"])
def edit(course_id: int, own_id: str) -> ResponseReturnValue:
    """The editor; without its script a box for the text, with Save and Preview."""
    problem = authoring.own_problem(database(), current_actor(), course_id, own_id)
    if not problem.may_edit:
        raise Forbidden(_("Only an instructor of the course may do this."))
    if request.method == "GET":
        return _editor(problem, problem.source, problem.save_id)
    source, base = _source(), request.form.get("base", type=int) or 0
    action = request.form.get("do", "save")
    if action == "sweep":
        sweeps.ask_for_sweep(database(), state().clock, current_actor(), course_id, own_id, source)
    if action != "save":
        return _editor(problem, source, base)
    return _save(problem, source, base)


@editing.post("/courses/<int:course_id>/problems/<own_id>/look")
def look(course_id: int, own_id: str) -> ResponseReturnValue:
    """For the script: the findings in a text, and its variant."""
    problem = authoring.own_problem(database(), current_actor(), course_id, own_id)
    seed, source = read_seed(request.form.get("seed", "1")), _source()
    seen = authoring.checked_id(state().examine(source, seed), problem.key)
    shown = _seen(source, seen, seed)
    findings = [{key: each[key] for key in FOUND} for each in (*shown["findings"], *shown["faults"])]
    html = render_template("bank/_seen.html", problem=problem, seed=seed, **shown)
    return jsonify({"findings": findings, "html": html, "sound": seen.is_sound})


AROUND = 3
"""So many lines that are the same stand before and after one that differs."""


class Compared(NamedTuple):
    """A line of a text beside another one; with the number 0 so many lines are `left_out` that both have."""

    number: int
    text: str = ""
    is_other: bool = False
    left_out: int = 0


FOUND = ("severity", "place", "row", "column", "message", "repair")


@editing.route("/courses/<int:course_id>/problems/<own_id>/sweep", methods=["GET", "POST"])
def sweep(course_id: int, own_id: str) -> ResponseReturnValue:
    """For the script: have a text swept, or ask how far the sweep is."""
    actor, session = current_actor(), database()
    problem = authoring.own_problem(session, actor, course_id, own_id)
    if request.method == "POST":
        sweeps.ask_for_sweep(session, state().clock, actor, course_id, own_id, _source())
    found = sweeps.newest_sweep(session, actor, course_id, own_id)
    html = render_template("bank/_swept.html", problem=problem, **_swept(found))
    return jsonify({"html": html, "over": found is None or found.is_over})


def _save(problem: OwnProblem, source: str, base: int) -> ResponseReturnValue:
    """Keep the text; where somebody else has saved meanwhile, both are shown and nothing is kept."""
    seen = state().examine(source, 1, SEEDS_BEFORE_SAVING)
    try:
        saved = authoring.save_problem(
            database(), state().clock, current_actor(), problem.course_id, problem.key, source, base, seen
        )
    except Stale as error:
        present = authoring.own_problem(database(), current_actor(), problem.course_id, problem.key)
        return make_response(_editor(present, source, base, stale=error), status_of(error))
    message, tone = _("Saved as version %(version)s.", version=(saved.version or "")[:12]), "right"
    if saved.is_draft:
        message, tone = _("Kept as a draft. Students get the last version without faults, if there is one."), "notice"
    if is_script():
        return jsonify({"base": saved.save_id, "tone": tone, "message": message})
    flash(message, tone)
    return redirect(url_for("editing.edit", course_id=problem.course_id, own_id=problem.key), 303)


def _source() -> str:
    """The text that was sent, with the line ends of a file."""
    text = request.form.get("source", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST_SOURCE:
        raise InvalidRequest(_("A problem has at most %(number)s characters.", number=LONGEST_SOURCE), "source")
    return text


def _editor(problem: OwnProblem, source: str, base: int, stale: Stale | None = None) -> Response:
    """The page of the editor, on which alone styles with this page's nonce are allowed: the editor makes its own."""
    seed = read_seed(request.values.get("seed", "1") or "1")
    seen = authoring.checked_id(state().examine(source, seed), problem.key)
    found = sweeps.newest_sweep(database(), current_actor(), problem.course_id, problem.key)
    nonce = secrets.token_urlsafe(16)
    page = render_template(
        "bank/edit.html",
        section="bank",
        problem=problem,
        source=source,
        base=base,
        stale=stale,
        theirs=_compared(problem.source, source) if stale else (),
        mine=_compared(source, problem.source) if stale else (),
        seed=seed,
        last_seed=LAST_SEED,
        nonce=nonce,
        seeds=SEEDS,
        **_seen(source, seen, seed),
        **_swept(found),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
    )
    return response


def _seen(source: str, seen: Examination, seed: int) -> dict[str, Any]:
    """What was seen in a text, for templates."""
    lines = source.split("\n")
    findings = [shown_finding(each, lines, seed) for each in seen.findings]
    return {
        "findings": findings,
        "faults": [shown_finding(each, lines, seed) for each in seen.faults],
        "marked": by_line(findings),
        "specimen": specimen_of(seen.variant) if seen.variant is not None else None,
        "is_sound": seen.is_sound,
        "errors": sum(each.severity == ERROR for each in seen.findings),
    }


def _swept(found: SweepView | None) -> dict[str, Any]:
    """How far a sweep is, for templates."""
    lines = found.source.split("\n") if found is not None else []
    findings = [shown_finding(each, lines, 0) for each in found.findings] if found is not None else []
    return {"sweep": found, "swept": findings}


def _compared(text: str, other: str) -> list[Compared]:
    """The lines of a text that the other one has otherwise, with a few around them; what is left out, as one line."""
    lines, others = text.split("\n"), other.split("\n")
    blocks = SequenceMatcher(None, lines, others, autojunk=False).get_matching_blocks()
    shown: list[Compared] = []
    place = 0
    for block in blocks:
        shown += [Compared(number + 1, lines[number], is_other=True) for number in range(place, block.a)]
        place = block.a + block.size
        first = block.a + AROUND if block.a else 0
        last = place - AROUND if place < len(lines) else place
        left_out = range(first, last) if last - first > AROUND else range(0)
        for number in range(block.a, place):
            if number not in left_out:
                shown.append(Compared(number + 1, lines[number]))
            elif number == first:
                shown.append(Compared(0, left_out=len(left_out)))
    return shown


def _filled(header: dict[str, str], kind: str, course_id: int) -> dict[str, str]:
    """The header with an id from the title, and what is usual for the kind where nothing stands."""
    usual = usual_header(kind)
    taken = {*state().bank.problems, *authoring.ids_of(database(), course_id)}
    title = header["title"] or usual.title
    wished = header["id"] or authoring.free_id(slug_of(title) or usual.id, taken)
    return {
        "id": wished,
        "title": title,
        "topic": header["topic"] or usual.topic,
        "family": header["family"] or usual.family,
        "level": header["level"] if header["level"] in LEVELS else usual.level,
    }


def _new_page(course: CourseView, kind: str, typed: Mapping[str, str], faults: Mapping[str, str]) -> str:
    return render_template(
        "bank/new.html",
        section="bank",
        course=course,
        kinds=KINDS,
        kind=kind,
        typed={name: typed.get(name, "") for name in HEADER},
        faults={name: faults.get(name, "") for name in HEADER},
        levels=LEVELS,
        topics=sorted({problem.topic for problem in state().bank.problems.values()}),
    )
