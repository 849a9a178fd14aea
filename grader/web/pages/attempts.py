"""The problem page: what is asked, what was typed, how it is read, what it is worth."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grader.bank.variant import Variant, VariantPart
from grader.errors import CallerError, Forbidden, InvalidRequest, NotFound
from grader.services import admission, assignments
from grader.services import attempts as service
from grader.services.attempts import AttemptView, InHand
from grader.web.auth import current_actor
from grader.web.errors import said, status_of
from grader.web.explanations import explanations
from grader.web.fields import Typed, is_lost, response_of, typed_of
from grader.web.headers import is_script
from grader.web.languages import wished_language
from grader.web.marks import Summary, letter, place_sentence, summarise
from grader.web.pages.answer_figures import replies_of, reply_data
from grader.web.parts import part_views, prompt_of, solution_of
from grader.web.previews import Preview, preview_of, preview_of_latex, preview_to_json
from grader.web.state import database, state
from grader.web.typesetting import markdown_to_html
from grader.web.variants import variant_of

attempts = Blueprint("attempts", __name__)
KEPT = " Your text is still in the form."


@attempts.get("/assignments/<int:assignment_id>/problems/<problem_id>", endpoint="open")
def begin(assignment_id: int, problem_id: str) -> ResponseReturnValue:
    """The person's present attempt at the problem, begun if there is none."""
    attempt = service.open_attempt(database(), state().clock, current_actor(), assignment_id, problem_id)
    return redirect(url_for("attempts.show", attempt_id=attempt.id))


@attempts.get("/attempts/<int:attempt_id>")
def show(attempt_id: int) -> ResponseReturnValue:
    """The problem with what was typed last: a draft, else the latest answer with its marks."""
    attempt = _attempt(attempt_id)
    latest = attempt.submissions[0].responses if attempt.submissions else {}
    return _page(attempt, {**latest, **attempt.draft}, is_latest=bool(attempt.submissions))


@attempts.post("/attempts/<int:attempt_id>/answer")
def answer(attempt_id: int) -> ResponseReturnValue:
    """Submit what was typed; what cannot be taken comes back with its reason, the text in place.

    The script is told where the marks are to be seen, or the reason alone: it has the text.
    """
    variant, actor = variant_of(_own(attempt_id), wished_language()), current_actor()
    responses = _responses(variant)
    key = request.form.get("key", "")[:100] or None
    try:
        if not any(text.strip() for text in responses.values()):
            raise InvalidRequest("Nothing is filled in yet, so there is nothing to judge.")
        if any(is_lost(part, typed) for part, typed in zip(variant.parts, _typed(variant).values(), strict=True)):
            raise InvalidRequest("One of the boxes could not be read. No try was used up.")
        sent = admission.submit(database(), state().clock, state().judge_new, actor, attempt_id, responses, key)
    except NotFound:
        raise
    except CallerError as error:
        if is_script():
            return jsonify({"message": said(error)}), status_of(error)
        page = _page(
            _attempt(attempt_id),
            responses,
            typed=_typed(variant),
            previews=_previews(variant) if isinstance(error, InvalidRequest) else None,
            refused=said(error) + (KEPT if any(responses.values()) else ""),
        )
        return make_response(page, status_of(error))
    if is_script():  # an address of its own, so that the browser loads the page anew
        return jsonify({"address": url_for("attempts.show", attempt_id=attempt_id, sent=sent.number, _anchor="result")})
    return redirect(url_for("attempts.show", attempt_id=attempt_id, _anchor="result"), 303)


@attempts.get("/attempts/<int:attempt_id>/preview")
def leave_preview(attempt_id: int) -> ResponseReturnValue:
    """A reloaded or bookmarked preview is the problem page."""
    return redirect(url_for("attempts.show", attempt_id=attempt_id))


@attempts.post("/attempts/<int:attempt_id>/preview")
def preview(attempt_id: int) -> ResponseReturnValue:
    """How the answer is read: one part for the script, the whole page without it."""
    variant = variant_of(_in_hand(attempt_id), wished_language())
    if not is_script():
        return _page(_attempt(attempt_id), _responses(variant), typed=_typed(variant), previews=_previews(variant))
    part = variant.part(request.form.get("part", ""))
    if part is None:
        raise NotFound("There is no such part.", "part")
    if latex := request.form.get("latex", ""):
        return jsonify(preview_to_json(preview_of_latex(part, latex, wished_language())))
    return jsonify(preview_to_json(_preview(part)))


@attempts.post("/attempts/<int:attempt_id>/draft")
def draft(attempt_id: int) -> ResponseReturnValue:
    """Keep what is typed, for a crash or another device; the script calls this."""
    try:
        variant = variant_of(_own(attempt_id), wished_language())
        saved = service.save_draft(database(), state().clock, current_actor(), attempt_id, _responses(variant))
    except CallerError as error:
        return jsonify({"message": said(error)}), status_of(error)
    return jsonify({"saved": saved.astimezone(UTC).isoformat()})


@attempts.get("/attempts/<int:attempt_id>/figures/<part_id>")
def figure(attempt_id: int, part_id: str) -> ResponseReturnValue:
    """The numbers of the figure beside a part's verdict; the script draws them."""
    attempt = _attempt(attempt_id)
    part = variant_of(attempt, wished_language()).part(part_id)
    data = reply_data(part, attempt.submissions[0]) if part and attempt.submissions else None
    if data is None:
        raise NotFound("There is no such figure.", "part")
    return jsonify(data)


@attempts.get("/attempts/<int:attempt_id>/queued")
def queued(attempt_id: int) -> ResponseReturnValue:
    """Where the newest answer stands in the queue of the judge; the script asks until it is judged."""
    attempt = _attempt(attempt_id)
    place = admission.queued(database(), attempt.submissions[0]).place if attempt.submissions else None
    return jsonify({"place": place, "sentence": place_sentence(place) if place else ""})


@attempts.post("/attempts/<int:attempt_id>/new")
def renew(attempt_id: int) -> ResponseReturnValue:
    """A fresh variant in practice mode."""
    _own(attempt_id)
    attempt = service.new_practice_variant(database(), state().clock, current_actor(), attempt_id)
    flash("This is a new variant: the same problem with other numbers.", "accent")
    return redirect(url_for("attempts.show", attempt_id=attempt.id), 303)


def _attempt(attempt_id: int) -> AttemptView:
    return service.attempt(database(), state().clock, current_actor(), attempt_id)


def _in_hand(attempt_id: int) -> InHand:
    return service.in_hand(database(), current_actor(), attempt_id)


def _own(attempt_id: int) -> InHand:
    attempt = _in_hand(attempt_id)
    if attempt.student_id != current_actor().user_id:
        raise Forbidden("Only the student whose problem this is can submit an answer here.")
    return attempt


def _responses(variant: Variant) -> Mapping[str, str]:
    return {part.id: response_of(part, request.form) for part in variant.parts}


def _preview(part: VariantPart) -> Preview:
    form = request.form
    return preview_of(part, response_of(part, form), typed_of(part, form), wished_language())


def _previews(variant: Variant) -> Mapping[str, Preview]:
    return {part.id: _preview(part) for part in variant.parts}


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
    variant = variant_of(attempt, wished_language())
    is_own = attempt.student_id == actor.user_id
    latest = attempt.submissions[0] if is_latest else None
    locked = bool(attempt.refusal) or not is_own
    parts = part_views(
        variant,
        texts,
        latest.result if latest else None,
        previews=previews,
        typed=typed,
        judged=latest.responses if latest else None,
        locked=locked,
        with_evidence=attempt.role != "student",
    )
    shows_others = is_own and not attempt.is_pool
    set_in = assignments.assignment(database(), state().clock, actor, attempt.assignment_id) if shows_others else None
    place = admission.queued(database(), latest).place if latest else None
    shown = {part.id for part in parts if part.mark}
    replies = {part: reply for part, reply in replies_of(variant, latest).items() if part in shown}
    return render_template(
        "attempts/show.html",
        section="courses",
        attempt=attempt,
        is_own=is_own,
        title=variant.title,
        prompt=prompt_of(variant),
        parts=parts,
        replies=replies,
        summary=Summary.refusal(refused) if refused else summarise(attempt, latest, place),
        is_waiting=place is not None and not refused,
        hints=() if attempt.policy.exam and attempt.role == "student" else [*map(markdown_to_html, variant.hints)],
        solution=solution_of(variant) if attempt.may_see_solution else "",
        standings=[(letter(number), standing) for number, standing in enumerate(attempt.parts)],
        neighbours=set_in.problems if set_in else (),
        key=secrets.token_urlsafe(16),
        **explanations(attempt, variant),
        now=state().clock(),
        kept=attempt.draft_saved or (attempt.submissions[0].created if attempt.submissions else None),
    )
