"""What a worker does beside judging and proving: clusters, words for earlier answers, held grades, rules, regrades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from grader.services import cluster_effects, clustering, lti_grades, regrades, regrading, restanding
from grader.services.access import Clock
from grader.services.quarantine import Grade


def handlers(clock: Clock, grade: Grade) -> dict[str, Callable[[Session, Mapping[str, Any]], None]]:
    """Who does which kind of job."""
    return {
        clustering.CLUSTERS: clustering.handler(clock),
        cluster_effects.EXPLAIN: cluster_effects.handler(clock),
        lti_grades.HELD_BACK: lti_grades.handler(clock),
        regrades.REGRADE: regrading.handler(clock, grade),
        restanding.RESTAND: restanding.handler(clock),
    }
