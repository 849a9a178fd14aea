"""What was answered, and what for, as an xAPI statement.

Source: Experience API 1.0.3 (IEEE 9274.1.1 keeps its form), and the verbs and activity types of ADL's vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

ANSWERED, SCORED = "http://adlnet.gov/expapi/verbs/answered", "http://adlnet.gov/expapi/verbs/scored"
VERBS = {ANSWERED: "answered", SCORED: "scored"}
QUESTION = "http://adlnet.gov/expapi/activities/question"
ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
COURSE = "http://adlnet.gov/expapi/activities/course"
LANGUAGE = "en"
PLACES = 6


@dataclass(frozen=True, slots=True)
class Graded:
    """One grading of one submission; `home` is our address, `name` is "" where it is not to be told.

    It is the `first` one, or one that a person, a regrade or a better proof has made of it.
    """

    statement_id: str
    moment: datetime
    home: str
    account: str
    name: str
    course_id: int
    assignment_id: int
    assignment: str
    problem_id: str
    problem: str
    attempt_id: int
    submission_id: int
    score: Fraction
    max_score: Fraction
    first: bool


def statement_of(graded: Graded) -> Mapping[str, Any]:
    """The statement: who answered or was scored, in what, with what result."""
    verb = ANSWERED if graded.first else SCORED
    actor: dict[str, Any] = {
        "objectType": "Agent",
        "account": {"homePage": graded.home, "name": graded.account},
    }
    if graded.name:
        actor["name"] = graded.name
    home = graded.home.rstrip("/")
    course = f"{home}/courses/{graded.course_id}"
    assignment = f"{home}/assignments/{graded.assignment_id}"
    problem = f"{assignment}/problems/{quote(graded.problem_id, safe='')}"
    attempt = f"{home}/attempts/{graded.attempt_id}"
    return {
        "id": graded.statement_id,
        "timestamp": graded.moment.isoformat(timespec="milliseconds"),
        "actor": actor,
        "verb": {"id": verb, "display": {LANGUAGE: VERBS[verb]}},
        "object": _activity(problem, QUESTION, graded.problem),
        "result": _result(graded),
        "context": {
            "registration": str(uuid5(NAMESPACE_URL, attempt)),
            "platform": "Grader",
            "contextActivities": {
                "parent": [_activity(assignment, ASSESSMENT, graded.assignment)],
                "grouping": [_activity(course, COURSE)],
            },
            "extensions": {f"{home}/xapi/submission": graded.submission_id},
        },
    }


def _activity(address: str, kind: str, name: str = "") -> Mapping[str, Any]:
    definition: dict[str, Any] = {"type": kind} | ({"name": {LANGUAGE: name}} if name else {})
    return {"objectType": "Activity", "id": address, "definition": definition}


def _result(graded: Graded) -> Mapping[str, Any]:
    """The score, raw and as a share; whether all was right."""
    most = graded.max_score
    raw = min(max(graded.score, Fraction(0)), most)
    score = {"raw": _number(raw), "min": 0, "max": _number(most)}
    if most <= 0:
        return {"completion": True}
    return {"score": {"scaled": _number(raw / most), **score}, "success": raw == most, "completion": True}


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else round(float(value), PLACES)
