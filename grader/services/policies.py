"""The rules of an assignment, and what they make of an attempt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from grader.errors import CallerError, Closed, Conflict, InvalidRequest, NoTriesLeft
from grader.services import lateness
from grader.services.access import Membership
from grader.services.lateness import NO_LATENESS, LateKind, LateRule
from grader.services.standings import points
from grader.store.assignments import Assignment, AssignmentProblem, Rules
from grader.store.attempts import Attempt, AttemptMarks
from grader.store.extensions import Extension, OwnRules
from grader.store.intake import Intake

MOST_TRIES = 1000
MOST_SUBMISSIONS = 2000
"""To one attempt, those that use up no try included."""


class ShowSolution(StrEnum):
    """When a student sees the worked solution."""

    NEVER = "never"
    DONE = "done"  # once solved, or with no tries left
    DUE = "due"  # once the due date is past


class Phase(StrEnum):
    """Where an assignment is in its life."""

    UPCOMING = "upcoming"
    OPEN = "open"
    LATE = "late"  # past the due date, answers are still taken
    CLOSED = "closed"


class Progress(StrEnum):
    """How far a student has come with one problem."""

    NEW = "new"  # not opened
    STARTED = "started"  # opened, nothing judged that counts
    TRIED = "tried"  # at least one try used, some left
    SPENT = "spent"  # not right in all parts, no tries left
    SOLVED = "solved"  # every part right
    RECEIVED = "received"  # something was handed in, and what it is worth is not told yet


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of an assignment.

    None for `opens`, `due`, `tries`: always, never, without limit.
    `penalty` is the share of a part's points lost for each failed try of that part.
    In practice mode a student may ask for new variants without end.
    In an exam every submission uses up a try, and students see neither marks nor feedback before `feedback_from`,
    or before they were `released`. With `one_variant` all students have the same numbers.
    """

    opens: datetime | None = None
    due: datetime | None = None
    tries: int | None = None
    penalty: Fraction = Fraction(0)
    practice: bool = False
    show_solution: ShowSolution = ShowSolution.DONE
    late: LateRule = NO_LATENESS
    exam: bool = False
    feedback_from: datetime | None = None
    released: datetime | None = None
    one_variant: bool = False

    @property
    def closes(self) -> datetime | None:
        """From when on no answer is taken; None: never."""
        return None if self.due is None else self.late.closes(self.due)

    def phase(self, now: datetime) -> Phase:
        """Where the assignment is at this moment."""
        if self.opens is not None and now < self.opens:
            return Phase.UPCOMING
        if self.due is None or now < self.due:
            return Phase.OPEN
        return Phase.LATE if self.closes is None or now < self.closes else Phase.CLOSED

    def share(self, at: datetime) -> Fraction:
        """The share of its points that an answer sent at this moment counts."""
        return self.late.share(self.due, at)

    def holds_back(self, now: datetime) -> bool:
        """Whether students are told no more than that their answers were received."""
        if not self.exam or (self.released is not None and self.released <= now):
            return False
        return self.feedback_from is None or now < self.feedback_from


def check(policy: Policy) -> None:
    """Refuse rules that contradict themselves."""
    if policy.tries is not None and not 1 <= policy.tries <= MOST_TRIES:
        raise InvalidRequest(f"The number of tries is from 1 to {MOST_TRIES}, or without limit.", "tries")
    if not 0 <= policy.penalty <= 1:
        raise InvalidRequest("The penalty for a failed try is a share from 0 to 1.", "penalty")
    if any(moment is not None and moment.tzinfo is None for moment in (policy.opens, policy.due)):
        raise InvalidRequest("A date needs a time zone.", "due")
    if policy.opens is not None and policy.due is not None and policy.due <= policy.opens:
        raise InvalidRequest("The due date must be after the opening.", "due")
    if policy.exam and policy.practice:
        raise InvalidRequest("An exam gives no new variants: choose one of practice and exam.", "exam")
    lateness.check(policy.late, policy.due)


def policy_of(row: Assignment | Rules, own: Extension | OwnRules | None = None) -> Policy:
    """The rules of a stored assignment, as they hold for a student with this extension."""
    rules = Policy(
        opens=row.opens,
        due=row.due,
        tries=row.tries,
        penalty=row.penalty,
        practice=row.practice,
        show_solution=ShowSolution(row.show_solution),
        late=LateRule(LateKind(row.late_kind), row.late_grace, row.late_loss, row.late_floor, row.late_until),
        exam=row.exam,
        feedback_from=row.feedback_from,
        released=row.released,
        one_variant=row.one_variant,
    )
    return rules if own is None else extended(rules, own.due, own.tries)


def extended(rules: Policy, due: datetime | None, tries: int | None) -> Policy:
    """The rules with a due date and a number of tries of one's own; None: those of everybody.

    Where late answers end before the new due date, they end with it.
    """
    late = rules.late
    if due is not None and late.until is not None and late.until < due:
        late = replace(late, until=due)
    return replace(rules, due=due or rules.due, tries=tries or rules.tries, late=late)


def holds_back_from(policy: Policy, now: datetime, membership: Membership) -> bool:
    """Whether the actor is told no more than that answers were received."""
    return not membership.teaches and policy.holds_back(now)


def progress_of(
    attempt: Attempt | AttemptMarks | None, policy: Policy, *, held: bool = False, received: bool = False
) -> Progress:
    """How far an attempt has come; where marks are `held` back, whether anything was `received`."""
    if attempt is None:
        return Progress.NEW
    if held:
        return Progress.RECEIVED if received or attempt.tries_used else Progress.STARTED
    if attempt.is_solved:
        return Progress.SOLVED
    if policy.tries is not None and attempt.tries_used >= policy.tries:
        return Progress.SPENT
    return Progress.TRIED if attempt.tries_used else Progress.STARTED


def tries_left(policy: Policy, used: int) -> int | None:
    """How many tries remain; None: without limit."""
    return None if policy.tries is None else max(0, policy.tries - used)


def closed_to(policy: Policy, now: datetime, membership: Membership, student_id: int) -> Closed | None:
    """Why nothing can be handed in now.

    A teacher trying out a problem for themselves is not held to dates.
    """
    phase = policy.phase(now)
    if (
        membership.previews
        or phase in (Phase.OPEN, Phase.LATE)
        or (membership.teaches and membership.actor.user_id == student_id)
    ):
        return None
    if phase is Phase.UPCOMING:
        return Closed("This assignment is not open yet.")
    return Closed("The due date of this assignment has passed.")


def refusal(
    attempt: Attempt | Intake, policy: Policy, now: datetime, membership: Membership, sent: int, waiting: int
) -> CallerError | None:
    """Why this attempt takes no submission now.

    `sent` have been sent in, `waiting` of them are not judged yet.
    """
    if attempt.state != "open":
        return Conflict("A newer variant has taken the place of this one.")
    if attempt.removed if isinstance(attempt, Intake) else attempt.assignment_problem.removed:
        return Closed("This problem is no longer part of the assignment.")
    if closed := closed_to(policy, now, membership, attempt.student_id):
        return closed
    used = max(attempt.tries_used, sent if policy.exam else 0)
    if policy.tries is not None and used >= policy.tries:
        return NoTriesLeft("All tries for this problem are used up.")
    if policy.tries is not None and attempt.tries_used + waiting >= policy.tries:
        return Conflict("Your last answer is still being judged. Please wait for it before you use another try.")
    if sent >= MOST_SUBMISSIONS:
        return NoTriesLeft(f"No more than {MOST_SUBMISSIONS} answers can be sent to one variant.")
    return None


def may_see_solution(attempt: Attempt, policy: Policy, now: datetime, membership: Membership) -> bool:
    """Whether the worked solution is shown to the actor."""
    if membership.teaches:
        return True
    if policy.holds_back(now):
        return False
    if policy.show_solution is ShowSolution.DONE:
        is_left = policy.practice and attempt.state != "open"  # the next variant has other numbers
        return is_left or progress_of(attempt, policy) in (Progress.SOLVED, Progress.SPENT)
    return policy.show_solution is ShowSolution.DUE and policy.phase(now) is Phase.CLOSED


@dataclass(frozen=True, slots=True)
class Work:
    """One person's attempts at one problem of an assignment, in the order of their numbers.

    `held`: whoever looks may not know yet what they are worth.
    """

    chosen: AssignmentProblem
    policy: Policy
    attempts: Sequence[AttemptMarks] = ()
    held: bool = False

    @property
    def present(self) -> AttemptMarks | None:
        """The attempt that is open."""
        return self.attempts[-1] if self.attempts else None

    @property
    def progress(self) -> Progress:
        """Solved in any attempt, else how far the present one has come."""
        if not self.held and any(attempt.is_solved for attempt in self.attempts):
            return Progress.SOLVED
        return progress_of(self.present, self.policy, held=self.held)

    @property
    def points(self) -> Fraction:
        """The points of the best attempt."""
        if self.held:
            return Fraction(0)
        worth = self.chosen.points
        return max((points(one.score, one.max_score, worth) for one in self.attempts), default=Fraction(0))

    @property
    def tries_used(self) -> int:
        """The tries used up in the present attempt."""
        return self.present.tries_used if self.present else 0


def group_attempts(rows: Iterable[AttemptMarks]) -> Mapping[int, Sequence[AttemptMarks]]:
    """Attempts by the assignment's problem that they belong to."""
    groups: dict[int, list[AttemptMarks]] = {}
    for row in rows:
        groups.setdefault(row.assignment_problem_id, []).append(row)
    return groups
