"""What a browser may do with our pages, and what others may not do to them."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.config import load_config
from grader.errors import NotFound
from grader.services import users
from grader.services.access import Actor
from grader.services.demo import DEMO_PASSWORD
from grader.store.users import User
from grader.web.app import create_app
from grader.web.limits import LOGINS_OF_ADDRESS
from tests import servers
from tests.factories import SteadyClock
from tests.web.conftest import Visitor, judge


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
        re.sub(r"<[^>]+>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/")
    ]
    assert len(posts) >= 5
    for address in posts:
        for data in ({}, {"csrf_token": "forged"}):
            refused = 404 if address.startswith("/lti/register/") else 400  # a secret link that nobody has made
            assert student.client.post(address, data=data).status_code == refused, address
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


def test_a_copy_of_the_cookie_is_no_good_after_logging_out(app: Flask, anonymous: Visitor) -> None:
    other = Visitor(app.test_client())
    anonymous.log_in("ada")
    other.log_in("ada")
    kept = anonymous.client.get_cookie("grader")
    assert kept is not None
    anonymous.post("/logout", {}, "/")
    thief = Visitor(app.test_client())
    thief.client.set_cookie("grader", kept.value)
    assert thief.get("/").location == "/login?next=/"
    assert "Hello, Ada" in other.page("/")  # a log-in on another device goes on


def test_very_many_log_outs_end_all_log_ins(session: Session, clock: SteadyClock) -> None:
    actor = Actor(session.scalars(select(User.id).where(User.login == "ada")).one())
    day = timedelta(days=1)
    for number in range(users.MOST_ENDED):
        users.end_log_in(session, clock, actor.user_id, f"log-in {number}", day)
    before = users.session_version(session, actor.user_id, "another")
    with pytest.raises(NotFound):
        users.session_version(session, actor.user_id, "log-in 3")
    users.end_log_in(session, clock, actor.user_id, "one more", day)
    assert users.session_version(session, actor.user_id, "one more") == before + 1
    clock.advance(days=2)
    users.end_log_in(session, clock, actor.user_id, "much later", day)
    assert len(session.get_one(User, actor.user_id).ended_log_ins or {}) == 1


def test_over_tls_the_cookie_is_bound_to_this_host(
    database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock
) -> None:
    given = {"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40, "GRADER_COOKIE_SECURE": "yes"}
    client = create_app(load_config(given), sessions, bank, judge, clock).test_client()
    cookie = client.get("/login", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-grader=")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert word in cookie
    assert "Domain" not in cookie


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


def test_a_flood_of_log_in_names_is_stopped(app: Flask, anonymous: Visitor) -> None:
    assert app.config[LOGINS_OF_ADDRESS] == "120 per minute"
    app.config[LOGINS_OF_ADDRESS] = "10 per minute"  # each try takes a while, and more would not fit into a minute
    fields = ({"login": f"nobody{number}", "password": "no"} for number in range(12))
    statuses = [anonymous.post("/login", each, "/login").status_code for each in fields]
    assert statuses == [401] * 10 + [429] * 2


@pytest.mark.redis
@pytest.mark.parametrize("is_there", [True, False])
def test_tries_are_counted_over_all_servers(
    database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock, is_there: bool
) -> None:
    broker = f"{servers.broker('redis')}/0" if is_there else f"redis://127.0.0.1:{servers.free_port()}/0"
    given = {"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40, "GRADER_BROKER_URL": broker}
    apps = [create_app(load_config(given), sessions, bank, judge, clock) for _ in range(2)]
    address = ".".join(str(part) for part in uuid4().bytes[:4])
    clients = [Visitor(app.test_client()) for app in apps]
    statuses = []
    for visitor in clients:
        visitor.client.environ_base["REMOTE_ADDR"] = address
        statuses += [
            visitor.post("/login", {"login": "ben", "password": "no"}, "/login").status_code for _ in range(11)
        ]
    assert statuses == ([401] * 20 + [429] * 2 if is_there else [401] * 22)


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


def test_another_host_is_refused_once_ours_is_known(
    database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock
) -> None:
    known = {"GRADER_PUBLIC_URL": "https://grader.example.org", "GRADER_SECRET_KEY": "s" * 40}
    config = load_config({"GRADER_DATABASE_URL": database_url, **known})
    client = create_app(config, sessions, bank, judge, clock).test_client()
    for host in ("grader.example.org", "grader.example.org:443", "127.0.0.1:8000", "localhost"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example.com", "grader.example.org.evil.com", "x@grader.example.org"):
        refused = client.get("/login", headers={"Host": host})
        assert (refused.status_code, "evil" in refused.text) == (400, False), host
