"""The problem page: what is asked, what was typed, how it is read, what it is worth."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grader.bank.variant import Variant
from grader.errors import CallerError, Forbidden, InvalidRequest, NotFound
from grader.services import assignments, submissions
from grader.services import attempts as service
from grader.services.attempts import AttemptView
from grader.web.auth import current_actor
from grader.web.errors import status_of
from grader.web.fields import Typed, is_lost, response_of, typed_of
from grader.web.marks import Summary, letter, summarise
from grader.web.parts import part_views
from grader.web.previews import Preview, preview_of, preview_to_json
from grader.web.state import database, state
from grader.web.typesetting import markdown_to_html
from grader.web.variants import variant_at

attempts = Blueprint("attempts", __name__)
KEPT = " Your text is still in the form."


@attempts.get("/assignments/<int:assignment_id>/problems/<problem_id>", endpoint="open")
def begin(assignment_id: int, problem_id: str) -> ResponseReturnValue:
    """The person's present attempt at the problem, begun if there is none."""
    attempt = service.open_attempt(database(), state().clock, current_actor(), assignment_id, problem_id)
    return redirect(url_for("attempts.show", attempt_id=attempt.id))


@attempts.get("/attempts/<int:attempt_id>")
def show(attempt_id: int) -> ResponseReturnValue:
    """The problem with the latest answer and its marks."""
    attempt = _attempt(attempt_id)
    latest = attempt.submissions[0] if attempt.submissions else None
    return _page(attempt, latest.responses if latest else attempt.draft, is_latest=latest is not None)


@attempts.post("/attempts/<int:attempt_id>/answer")
def answer(attempt_id: int) -> ResponseReturnValue:
    """Submit what was typed; what cannot be taken comes back with its reason, the text in place."""
    attempt, actor = _attempt(attempt_id), current_actor()
    if attempt.student_id != actor.user_id:
        raise Forbidden("Only the student whose problem this is can submit an answer here.")
    variant = variant_at(attempt.problem_source, attempt.seed)
    responses = _responses(variant)
    key = request.form.get("key", "")[:100] or None
    try:
        if not any(text.strip() for text in responses.values()):
            raise InvalidRequest("Nothing is filled in yet, so there is nothing to judge.")
        if any(is_lost(part, typed) for part, typed in zip(variant.parts, _typed(variant).values(), strict=True)):
            raise InvalidRequest("One of the boxes could not be read. No try was used up.")
        submissions.submit(database(), state().clock, state().grade, actor, attempt_id, responses, key)
    except NotFound:
        raise
    except CallerError as error:
        page = _page(
            _attempt(attempt_id),
            responses,
            typed=_typed(variant),
            previews=_previews(variant) if isinstance(error, InvalidRequest) else None,
            refused=str(error) + (KEPT if any(responses.values()) else ""),
        )
        return make_response(page, status_of(error))
    return redirect(url_for("attempts.show", attempt_id=attempt_id, _anchor="result"), 303)


@attempts.get("/attempts/<int:attempt_id>/preview")
def leave_preview(attempt_id: int) -> ResponseReturnValue:
    """A reloaded or bookmarked preview is the problem page."""
    return redirect(url_for("attempts.show", attempt_id=attempt_id))


@attempts.post("/attempts/<int:attempt_id>/preview")
def preview(attempt_id: int) -> ResponseReturnValue:
    """How the answer is read: one part for the script, the whole page without it."""
    attempt = _attempt(attempt_id)
    variant = variant_at(attempt.problem_source, attempt.seed)
    if request.accept_mimetypes.best != "application/json":
        return _page(attempt, _responses(variant), typed=_typed(variant), previews=_previews(variant))
    part = variant.part(request.form.get("part", ""))
    if part is None:
        raise NotFound("There is no such part.", "part")
    return jsonify(preview_to_json(preview_of(part, response_of(part, request.form), typed_of(part, request.form))))


@attempts.post("/attempts/<int:attempt_id>/new")
def renew(attempt_id: int) -> ResponseReturnValue:
    """A fresh variant in practice mode."""
    attempt = service.new_practice_variant(database(), state().clock, current_actor(), attempt_id)
    flash("This is a new variant: the same problem with other numbers.", "accent")
    return redirect(url_for("attempts.show", attempt_id=attempt.id), 303)


def _attempt(attempt_id: int) -> AttemptView:
    return service.attempt(database(), state().clock, current_actor(), attempt_id)


def _responses(variant: Variant) -> Mapping[str, str]:
    return {part.id: response_of(part, request.form) for part in variant.parts}


def _previews(variant: Variant) -> Mapping[str, Preview]:
    form = request.form
    return {part.id: preview_of(part, response_of(part, form), typed_of(part, form)) for part in variant.parts}


def _typed(variant: Variant) -> Mapping[str, Typed]:
    return {part.id: typed_of(part, request.form) for part in variant.parts}


def _page(
    attempt: AttemptView,
    texts: Mapping[str, str],
    *,
    is_latest: bool = False,
    typed: Mapping[str, Typed] | None = None,
    previews: Mapping[str, Preview] | None = None,
    refused: str = "",
) -> str:
    """The page; marks are shown only beside the very texts that they were given for."""
    actor = current_actor()
    variant = variant_at(attempt.problem_source, attempt.seed)
    is_own = attempt.student_id == actor.user_id
    latest = attempt.submissions[0] if is_latest else None
    locked = bool(attempt.refusal) or not is_own
    parts = part_views(
        variant,
        texts,
        latest.result if latest else None,
        previews=previews,
        typed=typed,
        locked=locked,
        with_evidence=attempt.role != "student",
    )
    lines = assignments.assignment(database(), state().clock, actor, attempt.assignment_id).problems if is_own else ()
    return render_template(
        "attempts/show.html",
        section="courses",
        attempt=attempt,
        is_own=is_own,
        prompt=markdown_to_html(variant.prompt),
        parts=parts,
        summary=Summary.refusal(refused) if refused else summarise(attempt, latest),
        hints=[markdown_to_html(hint) for hint in variant.hints],
        solution=markdown_to_html(variant.solution) if attempt.may_see_solution else "",
        standings=[(letter(number), standing) for number, standing in enumerate(attempt.parts)],
        neighbours=lines,
        key=secrets.token_urlsafe(16),
    )
