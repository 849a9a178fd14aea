"""One submission as it was typed, read, judged and recorded; teachers mark any part of it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.errors import InvalidRequest
from grader.services import marking, results
from grader.services.marking import LONGEST_COMMENT, LONGEST_REASON, Given
from grader.services.results import SubmissionDetail
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.languages import wished_language
from grader.web.marking_forms import forms_of, given_of
from grader.web.parts import part_views, prompt_of
from grader.web.state import database, state
from grader.web.variants import variant_of

submissions = Blueprint("submissions", __name__)


@submissions.get("/submissions/<int:submission_id>")
def show(submission_id: int) -> str:
    """The submission; teachers see the evidence, the key and what was marked when by whom."""
    return _page(_detail(submission_id))


@submissions.post("/submissions/<int:submission_id>/marks")
def mark(submission_id: int) -> ResponseReturnValue:
    """Record the points of a teacher; what cannot be taken comes back with its reason, the text in place."""
    detail = _detail(submission_id)
    variant = variant_of(detail.attempt, wished_language())
    given: Mapping[str, Given] = {}
    try:
        given = given_of(variant, request.form)
        marking.mark(database(), state().clock, current_actor(), submission_id, given)
    except InvalidRequest as error:
        return make_response(_page(detail, given, error), status_of(error))
    flash(_("The points are recorded."), "right")
    return redirect(url_for("submissions.show", submission_id=submission_id), 303)


@submissions.post("/submissions/<int:submission_id>/marks/withdraw")
def withdraw(submission_id: int) -> ResponseReturnValue:
    """Take a mark back, so that the judge's verdict counts again."""
    part = request.form.get("part", "")
    marking.withdraw(database(), state().clock, current_actor(), submission_id, part)
    flash(_("The mark is withdrawn; what the judge says counts again."), "right")
    return redirect(url_for("submissions.show", submission_id=submission_id), 303)


def _detail(submission_id: int) -> SubmissionDetail:
    return results.submission_detail(database(), state().clock, current_actor(), submission_id)


def _page(
    detail: SubmissionDetail, given: Mapping[str, Given] | None = None, refused: InvalidRequest | None = None
) -> str:
    """The page; `given` is what was typed into the form where it was refused."""
    attempt, submission = detail.attempt, detail.submission
    variant = variant_of(attempt, wished_language())
    teaches = attempt.role != "student"
    return render_template(
        "submissions/show.html",
        section="courses",
        attempt=attempt,
        submission=submission,
        concerns=detail.concerns,
        prompt=prompt_of(variant),
        parts=part_views(variant, submission.responses, submission.result, locked=True, with_evidence=teaches),
        shows_key=teaches or attempt.may_see_solution,
        teaches=teaches,
        marking=detail.marking,
        forms=forms_of(variant, detail.marking, given, refused) if teaches else {},
        refused=refused,
        longest_comment=LONGEST_COMMENT,
        longest_reason=LONGEST_REASON,
    )
