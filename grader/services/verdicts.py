"""The same answer to the same variant is judged once, where all students have the same variant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from grader.checking.verdict import Outcome
from grader.engine import present_engine
from grader.grading import UNANSWERED, Result
from grader.store import verdicts
from grader.store.database import writing
from grader.store.submissions import Work

PLAIN = (Outcome.EQUAL, Outcome.DIFFERENT, UNANSWERED)
"""Outcomes that depend on nothing but the answer, and results in which nothing stands that could name a person."""


def known(session: Session, work: Work) -> Result | None:
    """The result of these responses where another has sent the same to this variant; None: it is to be judged."""
    if not work.one_variant:
        return None
    found = verdicts.find(session, work.problem_version_id, work.seed, canonical(work.responses), present_engine())
    return None if found is None else Result.from_json(found)


def keep(session: Session, now: datetime, work: Work, result: Result) -> None:
    """Keep a result for those who send the same, in the transaction that records it."""
    if work.one_variant and all(part.outcome in PLAIN for part in result.parts):
        variant = (work.problem_version_id, work.seed)
        verdicts.keep(session, now, variant, canonical(work.responses), result.engine, result.to_json())


def forget_others(session: Session) -> None:
    """Forget what other engines have judged, once an upgrade has put this one in their place."""
    with writing(session):
        verdicts.drop_others(session, present_engine())


def canonical(responses: Mapping[str, str]) -> str:
    """A hash of what was answered: blank parts do not count, nor does the order in which parts were sent."""
    filled = {part: text for part, text in responses.items() if text.strip()}
    return hashlib.sha256(json.dumps(filled, sort_keys=True).encode()).hexdigest()
