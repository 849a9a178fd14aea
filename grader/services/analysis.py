"""What the answers to an assignment say of it: how points are spread, and which problems need a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services.access import NO_ASSIGNMENT, Actor, Membership, enter_assignment
from grader.services.fairness import Comparison, Tried, compare
from grader.services.item_figures import Figures, Flag, Observation, PartWork, figures, parts_of
from grader.services.item_statistics import Quartiles, quartiles
from grader.store import analysis as store
from grader.store import assignments, waiting
from grader.store.analysis import Work
from grader.store.assignments import Assignment, AssignmentProblem

URGENT = tuple(Flag)


@dataclass(frozen=True, slots=True)
class Head:
    """Which assignment it is; in an exam students do not see what is right while they answer."""

    course_id: int
    course_title: str
    assignment_id: int
    title: str
    is_exam: bool
    is_practice: bool
    one_variant: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """Who is counted: of the `students` so many have `answered` something.

    Attempts in which a person has still to look at something are left out: that many are `waiting`.
    """

    students: int
    answered: int
    waiting: int


@dataclass(frozen=True, slots=True)
class PartItem:
    """One part of a problem."""

    id: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Item:
    """One problem of the assignment; `position` counts from 1."""

    set_id: int
    key: str
    title: str
    position: int
    max_points: float
    figures: Figures
    parts: tuple[PartItem, ...]
    variants: Comparison

    @property
    def flags(self) -> frozenset[Flag]:
        """Why somebody should look at it, or at a part of it."""
        return frozenset(self.figures.flags).union(*(part.figures.flags for part in self.parts))


@dataclass(frozen=True, slots=True)
class AssignmentAnalysis:
    """An assignment in numbers; `items` begin with those that need a look."""

    head: Head
    counted: Counted
    max_points: float
    scores: tuple[float, ...]
    spread: Quartiles | None
    items: tuple[Item, ...]


@dataclass
class Answers:
    """The attempts at an assignment, told apart: what each student has of each problem, and what is looked at.

    Points are those of a student's best attempt; all else is that of the first, which nobody has practised for.
    `left_out` are the attempts at each problem that wait for a person, `students` whose attempt each is.
    """

    points: dict[int, dict[int, float]] = field(default_factory=dict)
    first: dict[int, list[Work]] = field(default_factory=dict)
    left_out: dict[int, int] = field(default_factory=dict)
    students: dict[int, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many attempts are left out until a person has looked at them."""
        return sum(self.left_out.values())

    @cached_property
    def totals(self) -> Mapping[int, float]:
        """All points of each student."""
        return {student: sum(mine.values()) for student, mine in self.points.items()}


def assignment_analysis(session: Session, actor: Actor, assignment_id: int) -> AssignmentAnalysis:
    """The analysis of an assignment, in seven statements however many answers there are (teachers)."""
    row, membership = entered(session, actor, assignment_id)
    chosen = assignments.problems_of(session, [row.id])
    found = answers_to(session, row, chosen)
    most = float(sum(one.points for one in chosen))
    items = [item(one, place, found, most) for place, one in enumerate(chosen, 1)]
    scores = tuple(found.totals.values())
    return AssignmentAnalysis(
        head=head_of(row, membership),
        counted=Counted(store.students(session, row.course_id), len(scores), found.waiting),
        max_points=most,
        scores=scores,
        spread=quartiles(scores),
        items=tuple(sorted(items, key=_urgency)),
    )


def entered(session: Session, actor: Actor, assignment_id: int) -> tuple[Assignment, Membership]:
    """The assignment; for teachers, and not the pool of what is practised by topic."""
    row, membership = enter_assignment(session, actor, assignment_id, "results:read")
    membership.require_teacher()
    if row.is_pool:
        raise NotFound(NO_ASSIGNMENT)
    return row, membership


def head_of(row: Assignment, membership: Membership) -> Head:
    """What the top of a page says."""
    flags = row.exam, row.practice, row.one_variant
    return Head(row.course_id, membership.course_title, row.id, row.title, *flags)


def answers_to(session: Session, row: Assignment, chosen: Sequence[AssignmentProblem]) -> Answers:
    """The attempts of the present students in which something was judged."""
    worth = {one.id: float(one.points) for one in chosen}
    left_out = waiting.attempts_waiting(session, row.course_id)
    found, seen = Answers(), set()
    for one in store.work(session, row.course_id, row.id):
        if one.set_id not in worth or not parts_of(one.parts):
            continue
        found.students[one.attempt_id] = one.student_id
        mine = found.points.setdefault(one.student_id, {})
        reached = worth[one.set_id] * one.share
        mine[one.set_id] = max(mine.get(one.set_id, 0.0), reached)
        if (one.student_id, one.set_id) in seen:
            continue
        seen.add((one.student_id, one.set_id))
        if one.attempt_id in left_out:
            found.left_out[one.set_id] = found.left_out.get(one.set_id, 0) + 1
        else:
            found.first.setdefault(one.set_id, []).append(one)
    return found


def item(chosen: AssignmentProblem, place: int, answers: Answers, most: float) -> Item:
    """One problem; `most` are the points of the whole assignment."""
    rows, worth = answers.first.get(chosen.id, []), float(chosen.points)
    variants = compare(tried_variants(rows))
    seen = [_observation(one, answers, most - worth) for one in rows]
    return Item(
        set_id=chosen.id,
        key=chosen.problem.key,
        title=chosen.problem_version.title,
        position=place,
        max_points=worth,
        figures=figures(seen, has_rest=most > worth, is_unfair=bool(variants.unfair)),
        parts=tuple(_parts(chosen, rows, answers, most)),
        variants=variants,
    )


def tried_variants(rows: Sequence[Work]) -> list[Tried]:
    """Who had which variant, of the version that most students have."""
    version = common_version(rows)
    return [Tried(str(one.seed), first_try(one), one.is_solved) for one in rows if one.version_id == version]


def common_version(rows: Iterable[Work]) -> int:
    """The version that most of these attempts have, of several the newest; 0: there are none."""
    counts = Counter(one.version_id for one in rows)
    return max(counts, key=lambda each: (counts[each], each), default=0)


def first_try(one: Work) -> bool:
    """Whether every part was right at the first try."""
    return one.is_solved and all(part.first_try for part in parts_of(one.parts))


def _observation(one: Work, answers: Answers, rest: float) -> Observation:
    other = answers.totals[one.student_id] - answers.points[one.student_id][one.set_id]
    return Observation(one.share, other / rest if rest else 0.0, first_try(one), one.is_solved)


def _parts(chosen: AssignmentProblem, rows: Sequence[Work], answers: Answers, most: float) -> Iterable[PartItem]:
    """The parts in their order, none where the problem has but one."""
    order = _order(chosen, rows)
    if len(order) < 2:
        return
    worth = float(chosen.points)
    for part in order:
        seen = [
            _part_observation(found, one, worth, answers, most)
            for one in rows
            if (found := part_of(one, part)) is not None
        ]
        yield PartItem(part, figures(seen, has_rest=True))


def _order(chosen: AssignmentProblem, rows: Sequence[Work]) -> Mapping[str, None]:
    """The ids of the parts, those of earlier versions last."""
    known = chosen.problem_version.parts or ()
    return dict.fromkeys([*known, *(part.id for one in rows for part in parts_of(one.parts))])


def part_of(one: Work, part: str) -> PartWork | None:
    """The part of an attempt, None where nothing was judged in it."""
    for each in parts_of(one.parts):
        if each.id == part:
            return each
    return None


def _part_observation(part: PartWork, one: Work, worth: float, answers: Answers, most: float) -> Observation:
    rest = answers.totals[one.student_id] - worth * part.points / part.whole
    left = most - worth * part.max_points / part.whole
    share = part.points / part.max_points if part.max_points else 0.0
    return Observation(share, rest / left if left > 0 else 0.0, part.first_try, part.is_right)


def _urgency(one: Item) -> tuple[int, float, int]:
    """What needs a look most comes first, then what is hardest."""
    worst = min((URGENT.index(flag) for flag in one.flags), default=URGENT.index(Flag.EASY))
    return worst, one.figures.difficulty if one.figures.difficulty is not None else 2.0, one.position
