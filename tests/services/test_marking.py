"""Marking by a person: any part, only by teachers; it counts until it is withdrawn, and nothing is ever lost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.grading import PartResult, Result
from grader.services import attempts, marking, proofs, submissions
from grader.services import gradings as recording
from grader.services.access import Actor
from grader.services.marking import LONGEST_COMMENT, Given
from grader.services.submissions import SubmissionView
from grader.store.audit import AuditEntry
from grader.store.database import writing
from grader.store.gradings import Grading
from tests.factories import Scene, SteadyClock, grade_words, outcomes


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def send(scene: Scene, a: str = "hard", b: str = "right") -> tuple[Actor, SubmissionView]:
    """A submission to a problem whose part a is worth 2 points and part b 1."""
    ada = scene.add_person()
    attempt = scene.open(ada)
    typed = {"a": a, "b": b}
    return ada, submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, typed)


def mark(scene: Scene, actor: Actor, sent: SubmissionView, points: str, comment: str = "", part: str = "a") -> None:
    marking.mark(scene.session, scene.clock, actor, sent.id, {part: Given(points, comment)})


def standing(scene: Scene, actor: Actor, sent: SubmissionView) -> tuple[Fraction, int, bool]:
    """The marks of the attempt, the tries that it has used up, and whether it is solved."""
    view = attempts.attempt(scene.session, scene.clock, actor, sent.attempt_id)
    parts = view.parts
    return sum((part.score for part in parts), Fraction(0)), view.tries_used, all(part.is_right for part in parts)


def gradings(scene: Scene) -> list[tuple[str, Fraction, int | None]]:
    rows = scene.session.scalars(select(Grading).order_by(Grading.id))
    return [(row.cause, row.score, row.author_id) for row in rows]


def test_points_are_added_to_what_was_there_with_who_and_when(scene: Scene) -> None:
    ada, sent = send(scene)
    before = marking.marking_of(scene.session, sent.id)
    assert (before.parts, before.left_open, before.marks) == (("a", "b"), ("a",), ())
    scene.clock.advance(hours=1)
    mark(scene, scene.teacher, sent, "1.5", "The row is missing.")
    assert gradings(scene) == [("judged", 1, None), ("marked", Fraction(5, 2), scene.teacher.user_id)]
    found = marking.marking_of(scene.session, sent.id)
    (given,) = found.marks
    assert (given.part, given.points, given.created, given.ended) == ("a", Fraction(3, 2), scene.clock(), None)
    assert given.author
    assert [(one.cause, bool(one.author)) for one in found.gradings] == [("judged", False), ("marked", True)]
    seen = submissions.submission(scene.session, scene.clock, ada, sent.id)
    assert seen.result is not None
    assert seen.result["parts"][0]["feedback"] == ["The row is missing."]
    assert seen.result["parts"][1] == sent.result["parts"][1]  # type: ignore[index]
    assert seen.engine == sent.engine
    entry = scene.session.scalars(select(AuditEntry).where(AuditEntry.action == "submission.marked")).one()
    assert (entry.actor_id, entry.details) == (scene.teacher.user_id, {"points": {"a": "3/2"}})


@pytest.mark.parametrize(
    ("points", "score", "solved"),
    [
        ("2", Fraction(3), True),
        (" 2.0 ", Fraction(3), True),
        ("1,5", Fraction(5, 2), False),
        ("1/3", Fraction(4, 3), False),
        ("0", Fraction(1), False),
    ],
)
def test_points_count_for_the_attempt(scene: Scene, points: str, score: Fraction, solved: bool) -> None:
    ada, sent = send(scene, b="")
    mark(scene, scene.teacher, sent, points)
    seen = submissions.submission(scene.session, scene.clock, ada, sent.id)
    assert outcomes(seen) == {"a": "marked", "b": "unanswered"}
    marks, tries, _ = standing(scene, ada, sent)
    assert (marks, tries) == (score - 1, 0)  # whatever a person gives, it is not wrong and no try
    submissions.submit(scene.session, scene.clock, grade_words, ada, sent.attempt_id, {"b": "right"})
    assert standing(scene, ada, sent) == (score, 1, solved)


def test_any_part_is_marked_with_a_reason_and_a_try_comes_back(scene: Scene) -> None:
    ada, sent = send(scene, a="wrong", b="")
    assert standing(scene, ada, sent) == (0, 1, False)
    with pytest.raises(InvalidRequest, match="Say for the record why"):
        mark(scene, scene.teacher, sent, "1")
    given = {"a": Given("1", "Read it again.", "a slip of the pen")}
    marking.mark(scene.session, scene.clock, scene.teacher, sent.id, given)
    assert standing(scene, ada, sent) == (1, 0, False)
    (kept,) = marking.marking_of(scene.session, sent.id).marks
    assert kept.reason == "a slip of the pen"
    with pytest.raises(InvalidRequest, match="Nothing has changed"):
        marking.mark(scene.session, scene.clock, scene.teacher, sent.id, given)


def test_a_comment_alone_leaves_the_verdict(scene: Scene) -> None:
    ada, sent = send(scene, a="wrong", b="hard")
    mark(scene, scene.teacher, sent, "", "Nearly.")
    seen = submissions.submission(scene.session, scene.clock, ada, sent.id)
    assert outcomes(seen) == {"a": "different", "b": "undecided"}
    assert seen.result is not None
    assert seen.result["parts"][0]["feedback"] == ["Nearly."]
    assert standing(scene, ada, sent) == (0, 1, False)


def test_a_mark_survives_judging_anew_and_ends_when_it_is_withdrawn(scene: Scene) -> None:
    ada, sent = send(scene)
    mark(scene, scene.teacher, sent, "1.5")
    worth = {"a": Fraction(4), "b": Fraction(1)}
    parts = tuple(PartResult(part, Fraction(0), points, "different") for part, points in worth.items())
    with writing(scene.session):
        recording.record(scene.session, scene.clock(), sent.id, sent.attempt_id, "regraded", Result.of(parts))
    assert standing(scene, ada, sent) == (3, 1, False)  # three quarters of a part that is worth 4 now
    assert [row[0] for row in gradings(scene)] == ["judged", "marked", "regraded", "marked"]
    marking.withdraw(scene.session, scene.clock, scene.teacher, sent.id, "a")
    assert standing(scene, ada, sent) == (0, 1, False)
    assert gradings(scene)[-1] == ("withdrawn", 0, None)
    (ended,) = marking.marking_of(scene.session, sent.id).marks
    assert ended.ended == scene.clock()
    with pytest.raises(NotFound):
        marking.withdraw(scene.session, scene.clock, scene.teacher, sent.id, "a")


def test_a_slip_is_mended_by_marking_again(scene: Scene) -> None:
    _, sent = send(scene)
    mark(scene, scene.teacher, sent, "1")
    mark(scene, scene.teacher, sent, "2")
    assert [score for _, score, _ in gradings(scene)] == [1, 2, 3]
    assert [one.ended is None for one in marking.marking_of(scene.session, sent.id).marks] == [False, True]


def test_what_a_person_has_marked_is_not_judged_anew_in_the_background(scene: Scene) -> None:
    _, sent = send(scene)
    mark(scene, scene.teacher, sent, "1")
    proofs.prove(scene.session, scene.clock, grade_words, sent.id)
    assert len(gradings(scene)) == 2


@pytest.mark.parametrize(
    ("points", "comment", "part", "words"),
    [
        ("", "", "a", "No points"),
        ("2.5", "", "a", "at most 2"),
        ("-1", "", "a", "number"),
        ("1e99999999", "", "a", "number"),
        ("1/0", "", "a", "number"),
        ("٢", "", "a", "number"),
        ("nan", "", "a", "number"),
        ("1", "x" * (LONGEST_COMMENT + 1), "a", "characters"),
        ("1", "", "b", "Say for the record"),
        ("1", "", "c", "no such part"),
    ],
)
def test_what_cannot_be_taken_records_nothing(scene: Scene, points: str, comment: str, part: str, words: str) -> None:
    _, sent = send(scene)
    with pytest.raises(InvalidRequest, match=words):
        mark(scene, scene.teacher, sent, points, comment, part)
    assert len(gradings(scene)) == 1


def test_only_teachers_of_the_course_mark(scene: Scene, session: Session, clock: SteadyClock) -> None:
    ada, sent = send(scene)
    strangers = (scene.add_person(), Scene(session, clock).teacher)
    with pytest.raises(Forbidden):
        mark(scene, ada, sent, "2")
    for stranger in strangers:
        with pytest.raises(NotFound):
            mark(scene, stranger, sent, "2")
    mark(scene, scene.add_person("assistant"), sent, "2")
    assert len(gradings(scene)) == 2
