"""How much waits in the whole installation: for the judge, for the workers, and on its way to others."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from grader.store import jobs, lti_grades, submissions, webhooks


def depths(session: Session) -> Mapping[str, int]:
    """How many rows wait, by what they wait for; "dead" and "stuck" wait for a person."""
    waiting, stuck = submissions.depth(session)
    by_kind = {f"job {kind}": number for kind, number in jobs.depths(session).items()}
    return {
        "submissions": waiting,
        "submissions stuck": stuck,
        "grades": lti_grades.depth(session),
        "webhooks": webhooks.depth(session),
        "jobs dead": jobs.number_dead(session),
        **by_kind,
    }
