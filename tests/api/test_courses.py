"""Courses, assignments, students and results over the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.http import parse_options_header

from grader.services import courses
from grader.services.access import Actor
from tests.api.conftest import CHOICE_PROBLEM, MATRIX_PROBLEM, Caller, Callers, Place, problem
from tests.factories import SteadyClock, counted_statements
from tests.small_bank import small_bank


def test_a_course_from_nothing_to_results(teacher: Caller, callers: Callers) -> None:
    course = teacher.post("/courses", {"title": " Optimisation "})
    assert course["title"] == "Optimisation"
    chen = teacher.post(f"/courses/{course['id']}/students", {"login": "chen"})
    assert teacher.post(f"/courses/{course['id']}/students", {"login": "chen"}) == chen
    body = {
        "title": "Week 1",
        "problems": [{"id": MATRIX_PROBLEM, "points": 4}, {"id": CHOICE_PROBLEM}],
        "opens": "2026-03-01T00:00:00+01:00",
        "due": "2030-01-31T22:00:00Z",
        "tries": 3,
        "penalty": 0.1,
        "show_solution": "due",
    }
    assignment = teacher.post(f"/courses/{course['id']}/assignments", body)
    assert (assignment["penalty"], assignment["opens"], assignment["phase"]) == (0.1, "2026-02-28T23:00:00Z", "open")
    assert [one["problem_id"] for one in assignment["problems"]] == [MATRIX_PROBLEM, CHOICE_PROBLEM]
    opened = teacher.post(f"/assignments/{assignment['id']}/students/{chen['id']}/attempts", status=200)["items"]
    for attempt in opened:
        responses = {part["id"]: part["answer"] for part in attempt["variant"]["parts"]}
        sent = callers.of("chen").post(f"/attempts/{attempt['id']}/submissions", {"responses": responses})
        assert sent["score"] == sent["max_score"], sent
    for path in (f"/courses/{course['id']}/results", f"/assignments/{assignment['id']}/results"):
        table = teacher.get(path)
        (row,) = table["items"]
        assert (row["student"]["login"], row["points"]) == ("chen", table["max_points"])
        assert table["columns"][0]["max_points"] == 4
    (mine,) = callers.of("chen").get(f"/students/{chen['id']}/results")["items"]
    assert [one["progress"] for one in mine["assignments"][0]["problems"]] == ["solved", "solved"]
    assert [one["id"] for one in teacher.get(f"/courses/{course['id']}/assignments")["items"]] == [assignment["id"]]
    assert [one["id"] for one in teacher.get(f"/courses/{course['id']}/students")["items"]] == [chen["id"]]


MISFITS: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "#/title"),
    ({"title": "  "}, "#/title"),
    ({"problems": []}, "#/problems"),
    ({"problems": [{"id": MATRIX_PROBLEM}, {"id": "jacobian-polynomial-mop"}]}, "#/problems/1/id"),
    ({"problems": [{"id": MATRIX_PROBLEM}, {"id": MATRIX_PROBLEM}]}, "#/problems"),
    ({"problems": [{"id": MATRIX_PROBLEM, "points": -1}]}, "#/problems/0/points"),
    ({"problems": [{"id": MATRIX_PROBLEM, "points": "2"}]}, "#/problems/0/points"),
    ({"tries": 0}, "#/tries"),
    ({"tries": 10**9}, "#/tries"),
    ({"tries": "3"}, "#/tries"),
    ({"penalty": 2}, "#/penalty"),
    ({"due": "2030-01-31T22:00:00"}, "#/due"),
    ({"due": "tomorrow"}, "#/due"),
    ({"due": "9999-12-31T23:59:59-23:00"}, "#/due"),
    ({"opens": "0001-01-01T00:00:00+23:00"}, "#/opens"),
    ({"opens": "2030-01-31T22:00:00Z", "due": "2030-01-31T22:00:00Z"}, "#/due"),
    ({"practice": 1}, "#/practice"),
    ({"show_solution": "always"}, "#/show_solution"),
]


def test_an_assignment_that_does_not_fit(teacher: Caller, place: Place) -> None:
    for change, pointer in MISFITS:
        body = {"title": "Week 1", "problems": [{"id": MATRIX_PROBLEM}]} | change
        response = teacher.send("POST", f"/courses/{place.course_id}/assignments", body)
        assert problem(response, 422)["errors"][0]["pointer"] == pointer, change


def test_people_that_cannot_be_enrolled(teacher: Caller, place: Place) -> None:
    path = f"/courses/{place.course_id}/students"
    assert problem(teacher.send("POST", path, {"login": "nobody"}), 422)["errors"][0]["pointer"] == "#/login"
    problem(teacher.send("POST", path, {"login": "teacher"}), 409)


def test_a_list_with_all_names_makes_no_student_of_who_teaches(
    teacher: Caller, callers: Callers, place: Place, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    with sessions() as session:
        courses.enrol(session, clock, Actor(teacher.user_id), place.course_id, "chen", "assistant")
    path = f"/courses/{place.course_id}/students"
    assert "teaches this course" in problem(teacher.send("POST", path, {"login": "chen"}), 409)["detail"]
    assert callers.of("chen").get("/courses")["items"][0]["role"] == "assistant"


def test_only_staff_create_courses(callers: Callers, place: Place) -> None:
    for caller in (callers.of("ada"), callers.of("teacher", course_id=place.course_id)):
        assert problem(caller.send("POST", "/courses", {"title": "Mine"}), 403)["code"] == "forbidden"


def test_a_token_of_one_course_sees_that_one(teacher: Caller, callers: Callers, place: Place) -> None:
    teacher.post("/courses", {"title": "Another"})
    bound = callers.of("teacher", course_id=place.course_id)
    assert [one["id"] for one in bound.get("/courses")["items"]] == [place.course_id]


def pages(caller: Caller, path: str) -> list[list[Any]]:
    """All pages of a list, by their links."""
    found, address = [], f"/api/v1{path}"
    while address:
        response = caller.send("GET", address.partition("/api/v1")[2])
        found.append(response.get_json()["items"])
        link, options = parse_options_header(response.headers.get("Link"))
        assert options.get("rel") in (None, "next")
        address = link.strip("<>")
    return found


def test_pages(teacher: Caller, place: Place) -> None:
    found = pages(teacher, "/problems?limit=7")
    whole = [item for one in found for item in one]
    assert {len(one) for one in found[:-1]} == {7}
    assert [item["id"] for item in whole] == sorted(small_bank().problems)
    assert [item for one in pages(teacher, "/problems?limit=100") for item in one] == whole
    assert [item["topic"] for one in pages(teacher, "/problems?topic=jacobians&limit=2") for item in one] == [
        item["topic"] for item in whole if item["topic"] == "jacobians"
    ]
    for path in (f"/courses/{place.course_id}/students", f"/courses/{place.course_id}/results"):
        assert [len(one) for one in pages(teacher, f"{path}?limit=1")] == [1, 1]


def test_a_page_goes_on_where_it_stopped(teacher: Caller) -> None:
    """Also when something was put before it meanwhile."""
    for title in ("D", "E", "F"):
        teacher.post("/courses", {"title": title})
    response = teacher.send("GET", "/courses?limit=2")
    assert [one["title"] for one in response.get_json()["items"]] == ["Calculus", "D"]
    teacher.post("/courses", {"title": "A"})
    address = parse_options_header(response.headers["Link"])[0].strip("<>")
    rest = teacher.get(address.partition("/api/v1")[2])["items"]
    assert [one["title"] for one in rest] == ["E", "F"]


def test_lists_take_as_many_statements_however_long_they_are(teacher: Caller, place: Place, engine: Engine) -> None:
    paths = [f"/courses/{place.course_id}/{what}" for what in ("students", "assignments", "results")]
    paths += ["/courses", "/problems", f"/assignments/{place.assignment_id}/results"]
    counts: list[list[int]] = []
    teacher.get("/courses")  # the first use of a token is noted
    for _ in range(2):
        counts.append([])
        for path in paths:
            with counted_statements(engine) as sent:
                teacher.get(path)
            counts[-1].append(len(sent))
        chen = teacher.post(f"/courses/{place.course_id}/students", {"login": "chen"})
        teacher.post(f"/assignments/{place.assignment_id}/students/{chen['id']}/attempts", status=200)
        more = {"title": "Second", "problems": [{"id": MATRIX_PROBLEM}]}
        teacher.post(f"/courses/{place.course_id}/assignments", more)
        teacher.post("/courses", {"title": "More"})
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 10
