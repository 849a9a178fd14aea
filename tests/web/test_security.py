"""What a browser may do with our pages, and what others may not do to them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask

from grader.services.demo import DEMO_PASSWORD
from tests.web.conftest import Visitor


def test_headers(student: Visitor, anonymous: Visitor) -> None:
    for response in (student.get("/"), anonymous.get("/login"), anonymous.get("/healthz"), student.get("/nothing")):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("address", ["/", "/login", "/help/notation", "/courses/1", "/assignments/2"])
def test_pages_hold_no_scripts_styles_or_other_addresses(student: Visitor, address: str) -> None:
    page = student.page(address)
    for word in ("<style", " style=", " onclick=", "javascript:", "http://", "https://"):
        assert word not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')


def test_static_files_are_kept_by_browsers(anonymous: Visitor) -> None:
    assert "immutable" in anonymous.get("/static/style.css?v=1").headers["Cache-Control"]
    assert "immutable" not in anonymous.get("/static/style.css").headers["Cache-Control"]
    assert "immutable" in anonymous.get("/static/fonts/stix-two-math.woff2").headers["Cache-Control"]


def test_every_form_needs_its_token(app: Flask, student: Visitor) -> None:
    student.attempt("jacobian-polynomial-map", 3)
    posts = [
        rule.rule.replace("<int:attempt_id>", "1")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/")
    ]
    assert len(posts) >= 5
    for address in posts:
        for data in ({}, {"csrf_token": "forged"}):
            assert student.client.post(address, data=data).status_code == 400, address
    assert "Hello, Ada" in student.page("/")


def test_the_session_cookie(app: Flask, anonymous: Visitor) -> None:
    response = anonymous.post("/login", {"login": "ada", "password": DEMO_PASSWORD}, "/login")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert app.config["SESSION_COOKIE_SECURE"] is False


def test_logging_in_begins_a_new_session(anonymous: Visitor) -> None:
    anonymous.page("/login")
    with anonymous.client.session_transaction() as session:
        session["left"] = "behind"
        before = session["csrf_token"]
    anonymous.log_in("ada")
    anonymous.page("/")
    with anonymous.client.session_transaction() as session:
        assert "left" not in session
        assert session["csrf_token"] != before
    response = anonymous.post("/logout", {}, "/")
    assert response.location == "/login"
    assert anonymous.get("/").location == "/login?next=/"


def test_wrong_passwords_are_told_apart_by_nothing(anonymous: Visitor) -> None:
    pages = []
    for login in ("ada", "nobody"):
        response = anonymous.post("/login", {"login": login, "password": "wrong"}, "/login")
        assert response.status_code == 401
        assert "do not go together" in response.text
        assert f'value="{login}"' in response.text
        assert "wrong" not in response.text.replace("note wrong", "")
        pages.append(response)
    assert pages[0].status_code == pages[1].status_code


def test_many_wrong_passwords_are_stopped(anonymous: Visitor) -> None:
    responses = [anonymous.post("/login", {"login": "ben", "password": "no"}, "/login") for _ in range(21)]
    assert responses[-1].status_code == 429
    assert responses[-1].headers["Retry-After"] == "60"
    assert "Wait a minute" in responses[-1].text


def test_a_flood_of_log_in_names_is_stopped(anonymous: Visitor) -> None:
    fields = ({"login": f"nobody{number}", "password": "no"} for number in range(125))
    statuses = [anonymous.post("/login", each, "/login").status_code for each in fields]
    assert statuses[:100] == [401] * 100
    assert statuses[-1] == 429


@pytest.mark.parametrize("target", ["//example.org", "//[", "https://[", "javascript:alert(1)", "/\\example.org", "x"])
def test_log_in_leads_to_this_server_only(anonymous: Visitor, target: str) -> None:
    fields = {"login": "ada", "password": DEMO_PASSWORD, "next": target}
    assert anonymous.get(f"/login?{urlencode({'next': target})}").status_code == 200
    assert anonymous.post("/login", fields, "/login").location == "/"


def test_only_the_student_submits(app: Flask, student: Visitor) -> None:
    address = student.attempt("jacobian-polynomial-map", 3)
    teacher = Visitor(app.test_client())
    teacher.log_in("instructor")
    assert teacher.get(address).status_code == 200
    assert teacher.post(f"{address}/answer", {"answer.jacobian.text": "1"}).status_code == 403


def test_after_log_in_one_is_where_one_wanted_to_be(anonymous: Visitor) -> None:
    assert anonymous.get("/assignments/2").location == "/login?next=/assignments/2"
    fields = {"login": "ada", "password": DEMO_PASSWORD, "next": "/assignments/2"}
    assert anonymous.post("/login", fields, "/login").location == "/assignments/2"
    assert anonymous.get("/login?next=//example.org").location == "/"


def test_a_defect_is_shown_by_an_identifier_only(app: Flask, anonymous: Visitor) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/broken", "broken", broken)
    response = anonymous.get("/broken")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Identifier: <code>" in response.text


def test_a_wrong_method_and_a_huge_form(student: Visitor) -> None:
    response = student.get("/logout")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    address = student.attempt("jacobian-polynomial-map", 3)
    huge = student.post(f"{address}/answer", {"answer.jacobian.text": "x" * 2_000_000})
    assert huge.status_code == 413
