"""What the problem page tells beside the answer: hints that are open, and how the score comes about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.bank.variant import Variant
from grader.services import hints
from grader.services.attempts import AttemptView
from grader.services.scores import ScoreLog, score_log
from grader.web.marks import letter
from grader.web.state import database


def explanations(attempt: AttemptView, variant: Variant) -> Mapping[str, Any]:
    """What the templates of hints, of the score and of practice want to know."""
    log = ScoreLog()
    if attempt.submissions and not attempt.held:
        log = score_log(database(), attempt.id, attempt.policy, attempt.max_points)
    letters = {part.id: letter(number) for number, part in enumerate(variant.parts)}
    return {
        "opened": hints.opened(database(), attempt.id) if variant.hints else 0,
        "log": log,
        "letters": letters,
        "waiting": [letters.get(part, part) for part in log.waiting],
    }
