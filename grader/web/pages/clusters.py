"""Clusters of wrong answers, and what a teacher decides about one: words, points, a mistake of the problem's own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from grader.bank.scalars import exact_number
from grader.errors import GraderError, InvalidRequest
from grader.services import assignments, authoring, clusters
from grader.services import cluster_mistakes as mistakes
from grader.services.cluster_views import ClusterPage, ClusterView
from grader.services.clusters import LONGEST_FEEDBACK, Decision, Place
from grader.services.examining import SEEDS_BEFORE_SAVING
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.languages import wished_language
from grader.web.mathml import polished
from grader.web.state import database, state
from grader.web.typesetting import line_to_html
from grader.web.variants import variant_at

clusters_pages = Blueprint("clusters", __name__)
BASE = "/assignments/<int:assignment_id>/problems/<problem_id>/clusters"
MOST_SHARE = 100
LONGEST_VERSION = 18
LONGEST_PAGE = 9
SHOWN = 50
"""Clusters on one page; the largest come first."""


@clusters_pages.get("/assignments/<int:assignment_id>/clusters")
def index(assignment_id: int) -> str:
    """The problems of an assignment, to choose whose wrong answers to look at."""
    session, actor = database(), current_actor()
    view = assignments.assignment(session, state().clock, actor, assignment_id)
    wrong = clusters.wrong_in(session, actor, assignment_id)
    return render_template("clusters/index.html", section="courses", assignment=view, wrong=wrong)


@clusters_pages.get(BASE)
def show(assignment_id: int, problem_id: str) -> str:
    """The clusters of one part."""
    return _page(_place(assignment_id, problem_id))


@clusters_pages.post(f"{BASE}/<mark>/feedback")
def explain(assignment_id: int, problem_id: str, mark: str) -> ResponseReturnValue:
    """Attach words to a cluster, or take them away."""
    place, words = _place(assignment_id, problem_id), request.form.get("feedback", "")
    try:
        clusters.decide(database(), state().clock, current_actor(), place, mark, Decision(feedback=words))
    except InvalidRequest as error:
        return make_response(_page(place, mark, error), status_of(error))
    if words.strip():
        flash(_("Students in this cluster are told so, now and later."), "right")
    else:
        flash(_("Students are not told so any more."), "accent")
    return _back(place, mark)


@clusters_pages.post(f"{BASE}/<mark>/accept")
def accept(assignment_id: int, problem_id: str, mark: str) -> ResponseReturnValue:
    """Accept a cluster for all points or a share of them, and go on to the dry run."""
    place = _place(assignment_id, problem_id)
    try:
        share = _share(request.form.get("share", "100"))
        clusters.decide(database(), state().clock, current_actor(), place, mark, Decision(share=share))
    except InvalidRequest as error:
        return make_response(_page(place, mark, error), status_of(error))
    flash(_("Accepted for answers that come in from now on. See here what it would do to those that are in."), "right")
    return redirect(url_for("regrades.index", assignment_id=assignment_id, basis="clusters"), 303)


@clusters_pages.post(f"{BASE}/<mark>/withdraw")
def withdraw(assignment_id: int, problem_id: str, mark: str) -> ResponseReturnValue:
    """Take back what was decided about a cluster."""
    place = _place(assignment_id, problem_id)
    clusters.withdraw(database(), state().clock, current_actor(), place, mark)
    flash(_("Withdrawn for answers that come in from now on. Marks that were given stay until a regrade."), "accent")
    return _back(place, mark)


@clusters_pages.route(f"{BASE}/<mark>/mistake", methods=["GET", "POST"])
def mistake(assignment_id: int, problem_id: str, mark: str) -> ResponseReturnValue:
    """The cluster as a mistake of the problem's own: lines to copy, or to save where the problem is the course's."""
    place, session, actor = _place(assignment_id, problem_id), database(), current_actor()
    page = clusters.clusters_of(session, state().clock, actor, place)
    typed = request.form if request.method == "POST" else request.args
    slug, feedback = typed.get("id", "our-mistake"), typed.get("feedback", "") or _found_feedback(page, mark)
    draft, error = mistakes.MistakeDraft(), None
    try:
        draft = mistakes.mistake_draft(session, page, mark, slug, feedback)
        if request.method == "POST" and draft.source and page.problem_course_id is not None:
            return _saved(page, draft.source)
    except InvalidRequest as refused:
        error = refused
    shown = render_template(
        "clusters/mistake.html",
        section="courses",
        page=page,
        place=place,
        mark=mark,
        draft=draft,
        slug=slug,
        feedback=feedback,
        error=error,
    )
    return make_response(shown, status_of(error) if error else 200)


def _saved(page: ClusterPage, source: str) -> ResponseReturnValue:
    """Save the text with the mistake as a new version of the course's own problem."""
    session, actor, course_id = database(), current_actor(), page.problem_course_id or 0
    own = authoring.own_problem(session, actor, course_id, page.problem_id)
    if own.source != page.source:
        raise InvalidRequest(_("The problem was changed since these answers came in. Copy the lines into its text."))
    session.rollback()  # nothing is open while the text is looked at
    seen = state().examine(source, 1, SEEDS_BEFORE_SAVING)
    args = (session, state().clock, actor, course_id, page.problem_id)
    if authoring.save_problem(*args, source, own.save_id, seen).is_draft:
        flash(_("Kept as a draft. Students get the last version without faults, if there is one."), "notice")
    else:
        flash(_("Saved as a new version of the problem."), "right")
    return redirect(url_for("editing.edit", course_id=course_id, own_id=page.problem_id), 303)


def _place(assignment_id: int, problem_id: str) -> Place:
    """Which clusters the address means."""
    version = request.args.get("version", "")
    known = int(version) if version.isascii() and version.isdigit() and len(version) <= LONGEST_VERSION else None
    return Place(assignment_id, problem_id, request.args.get("part", ""), known, request.args.get("all") == "1")


def _back(place: Place, mark: str) -> ResponseReturnValue:
    return redirect(url_for("clusters.show", _anchor=f"cluster-{mark}", **_where(place)), 303)


def _where(place: Place) -> dict[str, Any]:
    """The address of a place as it was asked for."""
    return {
        "assignment_id": place.assignment_id,
        "problem_id": place.problem_id,
        "part": place.part or None,
        "version": place.version,
        "all": 1 if place.whole_course else None,
        "page": _page_number() if "page" in request.args else None,
    }


def _page(place: Place, mark: str = "", error: InvalidRequest | None = None) -> str:
    """The clusters of a part; what was refused stands in its form."""
    page = clusters.clusters_of(database(), state().clock, current_actor(), place)
    place = Place(place.assignment_id, place.problem_id, page.part, place.version, place.whole_course)
    pages = max(1, -(-len(page.clusters) // SHOWN))
    number = min(_page_number(), pages)
    before = (number - 1) * SHOWN
    return render_template(
        "clusters/show.html",
        section="courses",
        page=page,
        where=_where(place),
        shown=page.clusters[before : before + SHOWN],
        before=before,
        number=number,
        pages=pages,
        page_address=lambda number: url_for("clusters.show", **{**_where(place), "page": number}),
        asks=_asks(page),
        math=polished,
        refused=mark,
        error=error,
        typed=request.form,
        longest=LONGEST_FEEDBACK,
    )


def _asks(page: ClusterPage) -> dict[str, Markup]:
    """What each part asks, as in the first variant that there is."""
    seed = next((sample.seed for each in page.clusters for sample in each.samples), 1)
    try:
        variant = variant_at(page.source, seed, wished_language())
    except GraderError:
        return {}
    return {part.id: line_to_html(part.ask) for part in variant.parts}


def _found_feedback(page: ClusterPage, mark: str) -> str:
    found: ClusterView | None = page.cluster(mark)
    return (found.feedback or "") if found else ""


def _share(text: str) -> Fraction:
    """A share in per cent, as typed."""
    try:
        share = exact_number(text.strip().removesuffix("%").strip().replace(",", "."))
    except ValueError:
        raise InvalidRequest(_("A share is a number such as 50 or 100."), "share") from None
    if not 0 < share <= MOST_SHARE:
        raise InvalidRequest(_("A share is more than 0 and at most 100 %%."), "share")
    return share / MOST_SHARE


def _page_number() -> int:
    """Which page is asked for; the first where the address says nothing that is a number."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= LONGEST_PAGE else 1
