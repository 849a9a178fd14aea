"""Grades reach the platform's gradebook: once, in order, whatever the platform is up to meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import delete, select

from grader.lti import claims as names
from grader.services import assignment_edits, assignments, background, lti_platforms
from grader.services.assignment_edits import AssignmentGiven
from grader.services.assignments import ChosenProblem, KeptProblem
from grader.services.lti_grades import ask_for_held, send_again
from grader.services.policies import Policy
from grader.store.jobs import Job
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiLink, ids_to
from grader.worker import EmbeddedWorker
from tests.factories import SteadyClock, grade_words, make_problem
from tests.lti.passback import Begin, Passback, begin

__all__ = ["begin"]  # a fixture


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_grade_arrives_in_a_column_that_is_made_once(begin: Begin) -> None:
    story = begin()
    ada, ben = story.student("ada"), story.student("ben")
    story.answer(ada, "right", "right")
    story.answer(ben, "right")
    story.send()
    assert [item["resourceId"] for item in story.book.items] == [f"assignment-{story.assignment_id}"]
    grades = {user: (one["scoreGiven"], one["scoreMaximum"]) for (_, user), one in story.book.grades.items()}
    assert grades == {"ada": (3, 3), "ben": (2, 3)}
    assert story.states() == ["sent", "sent"]


def test_zero_is_sent_as_zero_and_nothing_as_nothing(begin: Begin) -> None:
    story = begin()
    ada, ben = story.student("ada"), story.student("ben")
    story.answer(ada, "wrong")
    story.answer(ben, "?")  # unreadable: no try is used
    story.send()
    assert [(user, score["scoreGiven"]) for (_, user), score in story.book.grades.items()] == [("ada", 0)]
    assert story.states() == ["sent", "nothing"]


def test_later_grades_have_later_stamps_though_the_clock_stands_still(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    for a, b in (("right", ""), ("right", "right")):
        story.answer(ada, a, b)
        story.send()
    stamps = [score["timestamp"] for _, score in story.book.scores]
    assert len(stamps) == 2
    assert stamps == sorted(set(stamps))
    assert story.book.grades["0", "ada"]["scoreGiven"] == story.book.grades["0", "ada"]["scoreMaximum"]


def test_only_the_latest_of_several_changes_is_sent(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    story.answer(ada, "right")
    story.answer(ada, "right", "right")
    story.send()
    assert len(story.book.scores) == 1


@pytest.mark.parametrize(
    ("status", "headers"), [(500, {}), (503, {"Retry-After": "7"}), (429, {"Retry-After": "30"}), (429, {})]
)
def test_a_platform_in_trouble_is_asked_again(begin: Begin, status: int, headers: dict[str, str]) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda path: (status, headers, "later, please") if path.startswith("/items/") else None
    story.send()
    assert story.states() == ["waiting"]
    story.book.trouble = lambda _: None
    story.send()
    assert story.book.scores == []  # not before its time
    story.clock.advance(seconds=31)
    story.send()
    assert story.states() == ["sent"]


def test_a_token_that_is_refused_is_replaced_once(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    story.answer(ada, "right")
    story.send()
    story.book.tokens.clear()
    story.answer(ada, "right", "right")
    story.send()
    assert (len(story.book.asked), story.states()) == (2, ["sent"])


def test_a_final_refusal_stays_with_its_reason_until_somebody_sends_again(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda path: (403, {}, "course not published") if "/scores" in path else None
    story.send()
    story.session.rollback()
    row = story.session.scalars(select(LtiGrade)).one()
    assert (row.state, "course not published" in row.reason) == ("refused", True)
    story.book.trouble = lambda _: None
    assert send_again(story.session, story.clock, ids_to(story.session, story.assignment_id)) == 1
    story.send()
    assert story.states() == ["sent"]


def test_what_the_platform_has_later_is_superseded(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    story.answer(ada, "right")
    story.send()
    story.book.grades["0", "ada"]["timestamp"] = "2999-01-01T00:00:00.000000+00:00"
    story.answer(ada, "right", "right")
    story.send()
    assert story.states() == ["superseded"]


def test_a_link_without_a_column_says_so(begin: Begin) -> None:
    story = begin(line_items="", scopes=[])
    story.answer(story.student("ada"), "right")
    story.send()
    story.session.rollback()
    row = story.session.scalars(select(LtiGrade)).one()
    assert (row.state, "no column" in row.reason) == ("waiting", True)


def test_a_column_that_the_platform_made_is_used(begin: Begin) -> None:
    story = begin(scopes=[names.SCOPE_SCORE], line_items="")
    link = story.session.scalars(select(LtiLink)).one()
    link.line_item = f"{story.book.address}/items/9?type=lti&x=1"
    story.session.commit()
    story.answer(story.student("ada"), "right")
    story.send()
    assert [number for number, _ in story.book.scores] == ["9"]
    assert story.book.asked == [names.SCOPE_SCORE]


def test_marks_of_an_exam_are_held_back_until_they_are_released(begin: Begin) -> None:
    story = begin(Policy(exam=True, due=SteadyClock().now + timedelta(days=2)))
    story.answer(story.student("ada"), "right", "right")
    story.send()
    assert (story.states(), story.book.scores) == (["held"], [])
    teacher = story.scene.teacher
    assignment_edits.release(story.session, story.clock, teacher, story.assignment_id, released=True)
    story.send()
    assert (story.states(), len(story.book.scores)) == (["sent"], 1)


def work_off(story: Passback) -> None:
    """What a worker does beside the courier."""
    story.session.rollback()
    jobs = background.handlers(story.clock, grade_words)
    EmbeddedWorker(story.courier.sessions, story.clock, grade_words, jobs).run_once()


EXAM = Policy(exam=True, due=SteadyClock().now + timedelta(days=1), feedback_from=SteadyClock().now + timedelta(days=2))


def test_marks_that_are_held_back_until_a_moment_are_sent_then(begin: Begin) -> None:
    story = begin(EXAM)
    story.answer(story.student("ada"), "right", "right")
    story.answer(story.student("ben"), "wrong")
    story.send()
    story.clock.advance(days=1)
    work_off(story)
    story.send()
    assert (story.states(), story.book.scores) == (["held", "held"], [])
    story.clock.advance(days=1)
    work_off(story)
    story.send()
    assert (story.states(), len(story.book.scores)) == (["sent", "sent"], 2)


def test_what_was_held_back_when_nobody_remembered_it_is_sent_after_a_start(begin: Begin) -> None:
    story = begin(EXAM)
    story.answer(story.student("ada"), "right", "right")
    story.send()
    story.session.execute(delete(Job))
    story.session.commit()
    story.clock.advance(days=3)
    ask_for_held(story.session, story.clock)
    work_off(story)
    story.send()
    assert story.states() == ["sent"]


def edit(story: Passback, **changes: Any) -> None:
    story.session.rollback()
    teacher = story.scene.teacher
    view = assignments.assignment(story.session, story.clock, teacher, story.assignment_id)
    kept = [KeptProblem(line.problem_id) for line in view.problems]
    given = replace(AssignmentGiven(view.title, kept, view.policy, view.setting), **changes)
    assignment_edits.edit_assignment(story.session, story.clock, teacher, view.id, given)


def test_marks_that_are_told_earlier_than_was_said_are_sent_earlier(begin: Begin) -> None:
    story = begin(EXAM)
    story.answer(story.student("ada"), "right", "right")
    story.send()
    edit(story, policy=replace(EXAM, feedback_from=story.clock()))
    story.send()
    assert story.states() == ["sent"]


def test_points_that_change_are_sent(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.send()
    edit(story, problems=[KeptProblem(story.problem_id), ChosenProblem(make_problem("second"), Fraction(2))])
    story.send()
    assert [(sent["scoreGiven"], sent["scoreMaximum"]) for _, sent in story.book.scores] == [(2, 3), (2, 5)]


def test_marks_that_follow_changed_rules_are_sent(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    story.answer(ada, "wrong", "wrong")
    story.answer(ada, "right", "right")
    story.send()
    edit(story, policy=Policy(penalty=Fraction(1, 3)))
    story.send()
    assert [sent["scoreGiven"] for _, sent in story.book.scores] == [3, 2]


def test_an_assignment_that_is_shown_again_has_its_grades_sent(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    args = (story.session, story.clock, story.scene.teacher, story.assignment_id)
    assignment_edits.set_visibility(*args, "hidden")
    story.send()
    assert story.states() == ["nothing"]
    assignment_edits.set_visibility(*args, "shown")
    story.send()
    assert story.states() == ["sent"]


def test_what_changes_while_a_platform_is_ended_is_sent_when_it_is_taken_back(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.send()
    args = (story.session, story.clock, story.scene.teacher, story.platform_id)
    lti_platforms.end_platform(*args)
    story.answer(story.student("ben"), "right")
    story.send()
    assert story.states() == ["sent", "nothing"]
    lti_platforms.end_platform(*args, ended=False)
    story.send()
    assert story.states() == ["sent", "sent"]
    assert [sent["userId"] for _, sent in story.book.scores] == ["ada", "ben"]


def test_a_grade_is_due_from_the_answer_on(begin: Begin) -> None:
    """And not from the day on which its attempt was begun: a grade that was asked for just now is not overdue."""
    story = begin(Policy(due=SteadyClock().now + timedelta(days=9)))
    ada = story.student("ada")
    story.answer(ada, "wrong")
    story.send()
    story.clock.advance(days=3)
    story.answer(ada, "right")
    assert story.session.scalars(select(LtiGrade.due)).all() == [story.clock()]
    edit(story, policy=Policy(due=story.clock() + timedelta(days=1)))
    assert story.session.scalars(select(LtiGrade.due)).all() == [story.clock()]


def test_somebody_whom_the_platform_does_not_know_is_not_told_of(begin: Begin) -> None:
    story = begin()
    story.answer(story.scene.add_person(), "right")
    story.send()
    assert (story.states(), story.book.scores) == (["nothing"], [])


def test_a_grade_that_changes_while_it_is_sent_is_sent_again(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    story.answer(ada, "right")
    changed: list[str] = []

    def change(path: str) -> None:
        if "/scores" in path and not changed:
            changed.append(path)
            story.answer(ada, "right", "right")

    story.book.trouble = change  # type: ignore[assignment] # spoils nothing
    story.send()
    assert [score["scoreGiven"] for _, score in story.book.scores] == [2, 3]
    assert story.states() == ["sent"]
