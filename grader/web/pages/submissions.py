"""One submission as it was typed, read, judged and recorded."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services import results
from grader.web.auth import current_actor
from grader.web.parts import part_views
from grader.web.state import database, state
from grader.web.typesetting import markdown_to_html
from grader.web.variants import variant_at

submissions = Blueprint("submissions", __name__)


@submissions.get("/submissions/<int:submission_id>")
def show(submission_id: int) -> str:
    """The submission; teachers see the evidence and the key."""
    detail = results.submission_detail(database(), state().clock, current_actor(), submission_id)
    attempt, submission = detail.attempt, detail.submission
    variant = variant_at(attempt.problem_source, attempt.seed)
    teaches = attempt.role != "student"
    return render_template(
        "submissions/show.html",
        section="courses",
        attempt=attempt,
        submission=submission,
        prompt=markdown_to_html(variant.prompt),
        parts=part_views(variant, submission.responses, submission.result, locked=True, with_evidence=teaches),
        shows_key=teaches or attempt.may_see_solution,
    )
