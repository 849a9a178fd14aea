"""Opening the hints of a problem one by one; what was typed beside them is kept."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grader.errors import CallerError
from grader.services import attempts
from grader.services import hints as service
from grader.web.auth import current_actor
from grader.web.fields import response_of
from grader.web.languages import wished_language
from grader.web.state import database, state
from grader.web.variants import variant_of

hints = Blueprint("hints", __name__)


@hints.post("/attempts/<int:attempt_id>/hints", endpoint="open")
def open_next(attempt_id: int) -> ResponseReturnValue:
    """Open the next hint, and go back to the page with what was typed."""
    session, clock, actor = database(), state().clock, current_actor()
    variant = variant_of(attempts.in_hand(session, actor, attempt_id), wished_language())
    shown = request.form.get("shown", "0")
    seen = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 5 else 0
    service.open_next(session, clock, actor, attempt_id, seen, len(variant.hints))
    responses = {part.id: response_of(part, request.form) for part in variant.parts}
    if any(responses.values()):
        with suppress(CallerError):  # a problem that is closed keeps no draft
            attempts.save_draft(session, clock, actor, attempt_id, responses)
    return redirect(url_for("attempts.show", attempt_id=attempt_id, _anchor="hints"), 303)
