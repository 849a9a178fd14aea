"""Settings of a person: what they change on pages, and what is refused, with what was typed in place."""

from __future__ import annotations

import pytest
from flask import Flask

from grader.services.demo import DEMO_PASSWORD
from tests.web.conftest import Visitor

DUE = "/assignments/3"


def settings(visitor: Visitor, **fields: str) -> int:
    form = {"name": "Ada Ahmed", "time_zone": "", "language": "", **fields}
    return visitor.post("/settings", form, "/settings").status_code


def test_times_are_those_of_the_person(student: Visitor) -> None:
    assert "UTC" in student.page(DUE)
    assert "Times are in UTC." in student.page(DUE)
    assert settings(student, time_zone="Asia/Tokyo") == 303
    page = student.page(DUE)
    assert "18:00" in page  # 09:00 UTC
    assert "Times are those of Asia/Tokyo." in page
    assert "data-utc" not in page


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("America%2FNew_York", "Times are those of America/New York."),
        ("Mars%2FOlympus", "Times are in UTC."),
        ("", "Times are in UTC."),
        ("localtime", "Times are in UTC."),
    ],
)
def test_until_a_zone_is_set_the_browsers_counts(student: Visitor, cookie: str, shown: str) -> None:
    student.client.set_cookie("time_zone", cookie)
    assert shown in student.page("/")


def test_the_zone_of_the_browser_is_kept_at_the_first_log_in_only(app: Flask) -> None:
    for cookie in ("Europe/Berlin", "Asia/Tokyo"):
        visitor = Visitor(app.test_client())
        visitor.client.set_cookie("time_zone", cookie)
        visitor.log_in("ben")
        assert 'value="Europe/Berlin" selected' in visitor.page("/settings")


def test_german_has_commas_and_german_dates(student: Visitor) -> None:
    assert settings(student, language="de", time_zone="Europe/Berlin") == 303
    page = student.page(DUE)
    assert "März 2026, 10:00" in page
    with student.client as client:
        client.get(DUE)
        from grader.web.formats import marks  # noqa: PLC0415 - within the request

        assert marks(1.5) == "1,5"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "  "}, "The name is missing."),
        ({"name": "x" * 201}, "longer than 200 characters"),
        ({"time_zone": "Mars/Olympus"}, "There is no such time zone."),
        ({"language": "fr"}, "There is no such language."),
    ],
)
def test_what_cannot_be_comes_back(student: Visitor, fields: dict[str, str], message: str) -> None:
    form = {"name": "Typed <name>", "time_zone": "Asia/Tokyo", "language": "de", **fields}
    response = student.post("/settings", form, "/settings")
    assert response.status_code == 400
    assert message in response.text
    assert 'aria-invalid="true"' in response.text
    if "name" not in fields:
        assert 'value="Typed &lt;name&gt;"' in response.text
    assert "Ada Ahmed" in student.page("/")


@pytest.mark.parametrize(
    ("old", "new", "again", "status", "message"),
    [
        ("wrong", "correct horse", "correct horse", 403, "The old password is wrong."),
        (DEMO_PASSWORD, "short", "short", 400, "A password has 12 to 200 characters."),
        (
            DEMO_PASSWORD,
            "ada-and-Password-2026",
            "ada-and-Password-2026",
            400,
            "This password is among the first to be tried.",
        ),
        (DEMO_PASSWORD, "correct horse", "correct house", 400, "The two new passwords differ."),
    ],
)
def test_a_password_is_refused(student: Visitor, old: str, new: str, again: str, status: int, message: str) -> None:
    response = student.post("/settings/password", {"old": old, "new": new, "again": again}, "/settings")
    assert response.status_code == status
    assert message in response.text
    for text in (old, new):
        assert f'value="{text}"' not in response.text


def test_a_new_password_ends_the_other_log_ins(app: Flask, student: Visitor) -> None:
    elsewhere = Visitor(app.test_client())
    elsewhere.log_in("ada")
    fields = {"old": DEMO_PASSWORD, "new": "correct horse", "again": "correct horse"}
    assert student.post("/settings/password", fields, "/settings").status_code == 303
    assert "Your password is changed." in student.page("/settings")
    assert elsewhere.get("/").location == "/login?next=/"
    again = Visitor(app.test_client())
    response = again.post("/login", {"login": "ada", "password": "correct horse"}, "/login")
    assert response.status_code == 302


def test_logging_out_everywhere_ends_copied_cookies(app: Flask, student: Visitor) -> None:
    thief = Visitor(app.test_client())
    cookie = student.client.get_cookie("grader")
    assert cookie is not None
    thief.client.set_cookie("grader", cookie.value)
    assert thief.get("/").status_code == 200
    assert student.post("/settings/log-out", {}, "/settings").status_code == 303
    assert thief.get("/").status_code == 302
    assert student.get("/").status_code == 302
    student.log_in("ada")
    assert student.get("/").status_code == 200
    assert thief.get("/").status_code == 302


def test_tries_to_guess_the_present_password_are_limited(student: Visitor) -> None:
    fields = {"old": "wrong", "new": "correct horse", "again": "correct horse"}
    found = {student.post("/settings/password", fields, "/settings").status_code for _ in range(21)}
    assert found == {403, 429}
