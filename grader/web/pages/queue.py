"""The queue of a course: what waits for a person, answered one after another."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import InvalidRequest
from grader.services import courses, quarantine, reviews
from grader.services.marking import LONGEST_COMMENT, LONGEST_REASON, Given
from grader.services.reviews import Review
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.languages import wished_language
from grader.web.marking_forms import forms_of, given_of
from grader.web.parts import part_views, prompt_of, solution_of
from grader.web.state import database, state
from grader.web.variants import variant_of

queue = Blueprint("queue", __name__)
LONGEST_ID = 9


@queue.get("/courses/<int:course_id>/queue")
def index(course_id: int) -> str:
    """All that waits, the oldest first, or what waits for one problem."""
    actor, session = current_actor(), database()
    chosen = _chosen()
    found = reviews.list_reviews(session, actor, course_id, chosen, _number("page") or 1)
    course = courses.course(session, actor, course_id)
    return render_template(
        "queue/index.html",
        section="courses",
        course=course,
        queue=found,
        page_address=lambda page: url_for("queue.index", course_id=course_id, problem=chosen, page=page),
    )


@queue.get("/courses/<int:course_id>/queue/first")
def first(course_id: int) -> ResponseReturnValue:
    """Begin with the oldest."""
    return _go(course_id, reviews.first(database(), current_actor(), course_id, _chosen()))


@queue.get("/courses/<int:course_id>/queue/<int:review_id>")
def show(course_id: int, review_id: int) -> str:
    """One answer that waits, with the form to mark it."""
    return _page(course_id, _review(course_id, review_id))


@queue.post("/courses/<int:course_id>/queue/<int:review_id>")
def decide(course_id: int, review_id: int) -> ResponseReturnValue:
    """Record the points, for the same answers too where that is asked for, and go on with the next."""
    found = _review(course_id, review_id)
    attempt, given = found.detail.attempt, Given()
    variant = variant_of(attempt, wished_language())
    alike = "alike" in request.form
    try:
        given = given_of(variant, request.form).get(found.part, given)
        following = reviews.decide(
            database(), state().clock, current_actor(), course_id, review_id, given, alike=alike, chosen=_chosen()
        )
    except InvalidRequest as error:
        return make_response(_page(course_id, found, given, error), status_of(error))
    if alike and found.alike:
        flash(_("Recorded for %(count)s answers.", count=len(found.alike) + 1), "right")
    else:
        flash(_("The points are recorded."), "right")
    return _go(course_id, following)


@queue.post("/courses/<int:course_id>/queue/<int:review_id>/again")
def judge_again(course_id: int, review_id: int) -> ResponseReturnValue:
    """Take a response out of quarantine, to be judged again by the worker."""
    found = _review(course_id, review_id)
    if found.held_id is not None:
        quarantine.retry(database(), state().clock, current_actor(), found.held_id)
        flash(_("It is judged again; should it do harm again, it comes back."), "accent")
    return _go(course_id, found.following)


@queue.post("/courses/<int:course_id>/queue/stuck/<int:submission_id>")
def try_again(course_id: int, submission_id: int) -> ResponseReturnValue:
    """Have a submission tried again that could not be judged at all."""
    reviews.judge_again(database(), state().clock, current_actor(), course_id, submission_id)
    flash(_("It is judged again."), "accent")
    return redirect(url_for("queue.index", course_id=course_id), 303)


def _review(course_id: int, review_id: int) -> Review:
    return reviews.review(database(), state().clock, current_actor(), course_id, review_id, _chosen())


def _go(course_id: int, review_id: int | None) -> ResponseReturnValue:
    """The next review, or the list where there is none."""
    if review_id is None:
        return redirect(url_for("queue.index", course_id=course_id, problem=_chosen()), 303)
    return redirect(url_for("queue.show", course_id=course_id, review_id=review_id, problem=_chosen()), 303)


def _chosen() -> int | None:
    """The problem to which the queue is narrowed."""
    return _number("problem")


def _number(field: str) -> int | None:
    text = request.args.get(field, "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise InvalidRequest(_("This is not a number."), field)
    return int(text) if text else None


def _page(course_id: int, found: Review, given: Given | None = None, refused: InvalidRequest | None = None) -> str:
    attempt, submission = found.detail.attempt, found.detail.submission
    variant = variant_of(attempt, wished_language())
    typed = None if given is None else {found.part: given}
    views = part_views(variant, submission.responses, submission.result, locked=True, with_evidence=True)
    return render_template(
        "queue/show.html",
        section="courses",
        course_id=course_id,
        chosen=_chosen(),
        review=found,
        attempt=attempt,
        submission=submission,
        prompt=prompt_of(variant),
        solution=solution_of(variant),
        part=next(view for view in views if view.id == found.part),
        several=len(views) > 1,
        form=forms_of(variant, found.detail.marking, typed, refused)[found.part],
        concerns=[concern for concern in found.detail.concerns if concern.part == found.part],
        refused=refused,
        longest_comment=LONGEST_COMMENT,
        longest_reason=LONGEST_REASON,
    )
