"""What a late answer still counts: pure reckoning with moments and exact shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from grader.errors import InvalidRequest

DAY = timedelta(days=1)
LONGEST_GRACE = 60 * 24 * 30  # minutes; who wants more moves the due date
WHOLE = Fraction(1)


class LateKind(StrEnum):
    """What becomes of answers after the due date."""

    NONE = "none"  # refused
    GRACE = "grace"  # taken for some minutes as if they were in time
    DAILY = "daily"  # taken, for fewer points with each day begun


@dataclass(frozen=True, slots=True)
class LateRule:
    """What becomes of answers after the due date.

    `grace` counts minutes that cost nothing. `loss` is the share of the points lost with each day begun
    after the due date, never to less than `floor`; at `until`, and not before if it is None, all ends.
    """

    kind: LateKind = LateKind.NONE
    grace: int = 0
    loss: Fraction = Fraction(0)
    floor: Fraction = Fraction(0)
    until: datetime | None = None

    def closes(self, due: datetime) -> datetime | None:
        """From when on no answer is taken; None: never."""
        if self.kind is LateKind.NONE:
            return due
        in_time = due + timedelta(minutes=self.grace)
        if self.kind is LateKind.GRACE:
            return in_time
        return None if self.until is None else max(self.until, in_time)

    def share(self, due: datetime | None, at: datetime) -> Fraction:
        """The share of its points that an answer sent at this moment counts."""
        if due is None or self.kind is not LateKind.DAILY or at < due + timedelta(minutes=self.grace):
            return WHOLE
        days_begun = (at - due) // DAY + 1
        return max(self.floor, WHOLE - self.loss * days_begun, Fraction(0))


NO_LATENESS = LateRule()


def check(rule: LateRule, due: datetime | None) -> None:
    """Refuse a rule that contradicts itself."""
    if not 0 <= rule.grace <= LONGEST_GRACE:
        raise InvalidRequest(f"The minutes of grace are from 0 to {LONGEST_GRACE}.", "late.grace")
    if not 0 <= rule.loss <= 1:
        raise InvalidRequest("The loss for each day is a share from 0 to 1.", "late.loss")
    if not 0 <= rule.floor <= 1:
        raise InvalidRequest("The least that a late answer counts is a share from 0 to 1.", "late.floor")
    if rule.kind is not LateKind.NONE and due is None:
        raise InvalidRequest("A late rule needs a due date.", "due")
    if rule.kind is LateKind.GRACE and rule.grace == 0:
        raise InvalidRequest("Say how many minutes of grace there are.", "late.grace")
    if rule.kind is LateKind.DAILY and rule.loss == 0:
        raise InvalidRequest("Say what share is lost with each day.", "late.loss")
    _check_end(rule, due)


def _check_end(rule: LateRule, due: datetime | None) -> None:
    if rule.until is None:
        return
    if rule.until.tzinfo is None:
        raise InvalidRequest("A date needs a time zone.", "late.until")
    if due is not None and rule.until <= due:
        raise InvalidRequest("The end of late answers must be after the due date.", "late.until")
