"""The bank browser: problems by topic, and one problem at any seed, with its key."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.web.auth import current_actor, teaches
from grader.web.parts import part_views
from grader.web.state import state
from grader.web.typesetting import markdown_to_html
from grader.web.variants import variant_at

bank = Blueprint("bank", __name__)

LAST_SEED = 999_999


@bank.get("/bank")
def index() -> str:
    """All problems, or those on one topic."""
    _require_teacher()
    problems = sorted(state().bank.problems.values(), key=lambda problem: (problem.topic, problem.title))
    topic = request.args.get("topic", "")
    return render_template(
        "bank/index.html",
        section="bank",
        topics=sorted({problem.topic for problem in problems}),
        topic=topic,
        problems=[problem for problem in problems if topic in ("", problem.topic)],
        total=len(problems),
    )


@bank.get("/bank/<problem_id>")
def show(problem_id: str) -> str:
    """One variant of a problem with its key, hints and solution."""
    _require_teacher()
    problem = state().bank.problems.get(problem_id)
    if problem is None:
        raise NotFound("There is no such problem in the bank.")
    seed = _seed(request.args.get("seed", "1"))
    variant = variant_at(problem.source, seed)
    return render_template(
        "bank/show.html",
        section="bank",
        problem=problem,
        seed=seed,
        last_seed=LAST_SEED,
        prompt=markdown_to_html(variant.prompt),
        parts=part_views(variant, {}),
        parameters=sorted(variant.parameters.items()),
        hints=[markdown_to_html(hint) for hint in variant.hints],
        solution=markdown_to_html(variant.solution),
    )


def _require_teacher() -> None:
    """The bank shows keys: it is for staff and for those who teach a course."""
    current_actor()
    if not teaches():
        raise Forbidden("The problem bank shows answers, so it is open to teachers only.")


def _seed(text: str) -> int:
    """The seed as a whole number within bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LAST_SEED)) and int(text) >= 1):
        raise InvalidRequest(f"A seed is a whole number from 1 to {LAST_SEED}.", "seed")
    return int(text)
