"""The rules of an assignment as its row keeps them, and as the audit log tells of them."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from grader.services.policies import Policy, policy_of
from grader.store.assignments import Assignment


def columns_of(policy: Policy) -> dict[str, Any]:
    """The values of the columns that hold these rules; when an exam was released is none of them."""
    return {
        "opens": policy.opens,
        "due": policy.due,
        "tries": policy.tries,
        "penalty": policy.penalty,
        "practice": policy.practice,
        "show_solution": policy.show_solution.value,
        "late_kind": policy.late.kind.value,
        "late_grace": policy.late.grace,
        "late_loss": policy.late.loss,
        "late_floor": policy.late.floor,
        "late_until": policy.late.until,
        "exam": policy.exam,
        "feedback_from": policy.feedback_from,
        "one_variant": policy.one_variant,
    }


def told_of(policy: Policy) -> dict[str, Any]:
    """The rules in values that JSON can hold."""
    return {name: _told(value) for name, value in columns_of(policy).items()}


def told_of_row(row: Assignment) -> dict[str, Any]:
    """What the audit log compares of a stored assignment."""
    return {"title": row.title, "visibility": row.visibility, "zone": row.zone, **told_of(policy_of(row))}


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what has changed, as it was and as it is."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Fraction) else value
