"""Gradebooks in the shapes that platforms import."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy.orm import Session

from grader.errors import InvalidRequest
from grader.services import attempts, results, submissions, users
from grader.services.gradebooks import Shape, as_gradebook, shape_of
from grader.services.policies import Policy
from tests.factories import Scene, SteadyClock, grade_words


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    """Two assignments of one title; Ada has points in the first, Ben zero, and Chen has tried nothing."""
    scene = Scene(session, clock)
    ada, ben, _ = (scene.add_person() for _ in range(3))
    view = scene.add_assignment(Policy(), problems=2)
    scene.add_assignment()
    for student, answer in ((ada, "right"), (ben, "wrong")):
        first, _second = attempts.open_attempts(session, clock, student, view.id)
        submissions.submit(session, clock, grade_words, student, first.id, {"a": answer})
    return scene


def table_of(scene: Scene, shape: Shape) -> list[list[str]]:
    table = results.course_results(scene.session, scene.teacher, scene.course_id)
    return list(csv.reader(io.StringIO(as_gradebook(table, shape))))


def people(scene: Scene) -> list[tuple[str, str]]:
    rows = [users.user(scene.session, student.user_id) for student in scene.students]
    return [(row.login, row.name) for row in rows]


def test_canvas_has_the_points_possible_and_empty_cells_for_what_was_not_tried(scene: Scene) -> None:
    heads, most, *lines = table_of(scene, Shape.CANVAS)
    assert heads == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Assignment", "Assignment (2)"]
    assert most == ["    Points Possible", "", "", "", "", "6", "3"]
    assert [(line[3], line[0]) for line in lines] == people(scene)
    assert {line[4] for line in lines} == {lines[0][4]}
    assert [line[5:] for line in lines] == [["2", ""], ["0", ""], ["", ""]]


def test_moodle_has_the_names_by_which_it_finds_people(scene: Scene) -> None:
    heads, *lines = table_of(scene, Shape.MOODLE)
    assert heads[:3] == ["Username", "Email address", "Full name"]
    assert [(line[0], line[2]) for line in lines] == people(scene)
    assert [line[3] for line in lines] == ["2", "0", ""]


def test_blackboard_has_all_cells_in_quotes(scene: Scene) -> None:
    table = results.course_results(scene.session, scene.teacher, scene.course_id)
    first, second, *_ = as_gradebook(table, Shape.BLACKBOARD).split("\r\n")
    assert first == '"Username","Assignment","Assignment (2)"'
    assert second == f'"{people(scene)[0][0]}","2",""'


def test_a_name_is_no_formula(scene: Scene) -> None:
    row = scene.session.get_one(users.User, scene.students[0].user_id)
    row.name = "=HYPERLINK(1)"
    scene.session.commit()
    assert "'=HYPERLINK(1)" in [line[0] for line in table_of(scene, Shape.CANVAS)]


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="canvas, moodle, blackboard"):
        shape_of("sakai")
