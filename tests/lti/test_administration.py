"""Staff connect platforms, on the page and on the command line; teachers see what the gradebook was told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.bank.loading import Bank
from grader.cli import cli
from grader.errors import ConfigError, Conflict, Forbidden, InvalidRequest
from grader.lti.calling import open_client
from grader.services import lti_overview, lti_platforms, lti_rosters, users
from grader.services.access import Actor
from grader.services.lti_platforms import NewPlatform
from grader.store import enrolments
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiContext, LtiLink, LtiPerson
from tests.factories import SteadyClock, make_user
from tests.lti.conftest import Browser
from tests.lti.forging import INSTRUCTOR, LEARNER, ForgingPlatform
from tests.lti.gradebook import Gradebook, serving
from tests.lti.test_accepted import TEACHER, assignment_id, course_id, custom

__all__ = ["assignment_id", "course_id"]  # fixtures
SECRET = "s" * 40
CURLY = "</roster?page=2&amp;x=1>;rel=“next”".encode().decode("latin-1")
"""As some platforms write it, as the bytes that go over the wire."""
GIVEN = NewPlatform("LMS", "https://lms.example", "client-x", *(f"https://lms.example/{name}" for name in "atk"))


def test_only_staff_connect_platforms(session: Session, clock: SteadyClock) -> None:
    with pytest.raises(Forbidden):
        lti_platforms.add_platform(session, clock, make_user(session, clock), GIVEN)
    staff = make_user(session, clock, is_staff=True)
    assert lti_platforms.add_platform(session, clock, staff, GIVEN).deployments == ()
    with pytest.raises(Conflict):
        lti_platforms.add_platform(session, clock, staff, GIVEN)


@pytest.mark.parametrize(
    "address", ["http://lms.example/keys", "ftp://lms.example/", "javascript:alert(1)", "lms.example", "https://["]
)
def test_addresses_are_https(address: str, session: Session, clock: SteadyClock) -> None:
    staff = make_user(session, clock, is_staff=True)
    new = NewPlatform("LMS", "https://lms.example", "client-x", address, address, address)
    with pytest.raises(InvalidRequest):
        lti_platforms.add_platform(session, clock, staff, new)


def test_keys_are_rotated_and_the_old_one_stays_published_for_a_month(session: Session, clock: SteadyClock) -> None:
    first = lti_platforms.signing_key(session, clock, SECRET)
    assert "PRIVATE" not in repr(first)
    second = lti_platforms.rotate_keys(session, clock, SECRET)
    assert lti_platforms.signing_key(session, clock, SECRET).id == second
    shown = lti_platforms.published_keys(session, clock, SECRET)["keys"]
    assert {key["kid"] for key in shown} == {first.id, second}
    assert all("d" not in key for key in shown)
    clock.advance(days=31)
    assert [key["kid"] for key in lti_platforms.published_keys(session, clock, SECRET)["keys"]] == [second]


def test_keys_of_a_lost_secret_are_made_anew(session: Session, clock: SteadyClock) -> None:
    lti_platforms.signing_key(session, clock, SECRET)
    with pytest.raises(ConfigError):
        lti_platforms.published_keys(session, clock, "another " + SECRET)
    new = lti_platforms.rotate_keys(session, clock, "another " + SECRET)
    assert [key["kid"] for key in lti_platforms.published_keys(session, clock, "another " + SECRET)["keys"]] == [new]


def test_the_page_of_platforms(browser: Browser, session: Session, clock: SteadyClock) -> None:
    users.register(session, clock, "boss", "Bo Boss", "a long password", is_staff=True)
    client = browser.client
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token is not None
    client.post("/login", data={"login": "boss", "password": "a long password", "csrf_token": token[1]})
    page = client.get("/platforms").text
    assert "http://localhost/lti/launch" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {
        "name": "New",
        "issuer": "https://new.example",
        "client_id": "c",
        "authorization_url": "https://new.example/a",
        "token_url": "https://new.example/t",
        "keyset_url": "http://new.example/k",
        "deployment": "1",
        "csrf_token": token[1],
    }
    refused = client.post("/platforms", data=form)
    assert (refused.status_code, "begins with https://" in refused.text) == (400, True)
    assert 'value="https://new.example/a"' in refused.text  # what was typed is still there
    assert client.post("/platforms", data=form | {"keyset_url": "https://new.example/k"}).status_code == 303
    assert "https://new.example" in client.get("/platforms").text


def test_the_command_line(tmp_path: Path) -> None:
    environment = {"GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/grader.sqlite3"}

    def run(*arguments: str) -> str:
        return CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False).stdout

    run("db", "upgrade")
    run("user", "add", "emmy", "--name", "Emmy Noether", "--staff", "--password", "invariants and rings")
    urls = ("--authorization-url", "https://m.example/a", "--token-url", "https://m.example/t")
    added = run("lti", "add", "Moodle", "--issuer", "https://m.example", "--client-id", "c1", *urls)
    assert added == ""  # the keyset is missing
    urls += ("--keyset-url", "https://m.example/k", "--deployment", "1")
    assert "registered" in run("lti", "add", "Moodle", "--issuer", "https://m.example", "--client-id", "c1", *urls)
    assert run("lti", "deploy", "1", "2").endswith("c1\t1 2\n")
    run("lti", "end", "1")
    assert run("lti", "list").startswith("1\tended\tMoodle")
    assert "Signing with key" in run("lti", "rotate-keys")


def test_the_roster_is_brought_over(course_id: int, browser: Browser, session: Session, staff: Actor) -> None:
    book = Gradebook(keys=dict(lti_platforms.published_keys(session, browser.clock, SECRET)))
    listed = {
        "/roster?limit=100": (
            {"Link": CURLY},
            [("teacher-1", "Tina", INSTRUCTOR), ("s1", "Ann", LEARNER)],
        ),
        "/roster?page=2&x=1": ({}, [("s2", "", LEARNER), ("s3", "Gone", LEARNER)]),
    }

    def roster(path: str) -> tuple[int, dict[str, str], str] | None:
        if path not in listed:
            return None
        headers, people = listed[path]
        members = ", ".join(
            f'{{"user_id": "{who}", "name": "{name}", "roles": ["{role}"], '
            f'"status": "{"Inactive" if name == "Gone" else "Active"}"}}'
            for who, name, role in people
        )
        return 200, headers, f'{{"members": [{members}]}}'

    book.trouble = roster
    with serving(book), open_client() as client:
        [mine] = [one for one in lti_platforms.list_platforms(session, staff) if one.platform.client_id == "client-a"]
        row = session.get_one(lti_platforms.LtiPlatform, mine.platform.id)
        row.token_url = f"{book.address}/token"
        context = session.scalars(select(LtiContext)).one()
        context.roster_url = f"{book.address}/roster"
        session.commit()
        teacher = next(one.user_id for one, _ in enrolments.people(session, course_id))
        args = (session, browser.clock, client, SECRET, Actor(teacher), course_id)
        done = lti_rosters.sync_roster(*args)
        assert (done.members, done.added, done.ended) == (4, 2, 0)
        assert lti_rosters.sync_roster(*args).added == 0
        listed["/roster?page=2&x=1"][1].clear()
        assert lti_rosters.sync_roster(*args).ended == 1
        names = {person.name for _, person in enrolments.people(session, course_id)}
        assert names == {"Tina", "Ann"}


def test_teachers_see_what_the_gradebook_was_told(
    assignment_id: int, browser: Browser, platforms: list[ForgingPlatform], bank: Bank
) -> None:
    assert bank
    page = browser.client.get(f"/assignments/{assignment_id}/gradebook").text
    assert "No link of a learning platform" in page
    browser.whole(platforms[0], **TEACHER, **custom(assignment_id))
    assert "No grade has been sent yet" in browser.client.get(f"/assignments/{assignment_id}/gradebook").text


def test_own_grades_are_ones_own(
    assignment_id: int, session: Session, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    another.whole(platforms[0], **custom(assignment_id))
    person = session.scalars(select(LtiContext)).one()
    assert person
    student = next(one.user_id for one, _ in enrolments.people(session, person.course_id) if one.role == "student")
    assert lti_overview.own_grades(session, Actor(student), assignment_id) == ()


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("sent", "was sent to your learning platform"),
        ("waiting", "on its way"),
        ("held", "once it is released"),
        ("refused", "course not published"),
        ("superseded", "a later grade"),
    ],
)
def test_a_student_sees_what_became_of_the_grade(
    state: str, says: str, assignment_id: int, session: Session, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    page = another.whole(platforms[0], **custom(assignment_id)).location
    assert says not in another.client.get(page).text
    link = session.scalars(select(LtiLink)).first()
    assert link is not None
    student = session.scalars(select(LtiPerson.user_id).where(LtiPerson.subject == "student-17")).one()
    moment = another.clock()
    values = {"changes": 1, "tries": 1, "due": moment, "sent": moment, "reason": "course not published."}
    session.add(LtiGrade(link_id=link.id, student_id=student, state=state, **values))
    session.commit()
    assert says in another.client.get(page).text


def test_the_pages_of_grades_that_do_not_arrive(
    assignment_id: int, session: Session, browser: Browser, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    another.whole(platforms[0], **custom(assignment_id))
    browser.whole(platforms[0], **TEACHER, **custom(assignment_id))
    link = session.scalars(select(LtiLink)).first()
    assert link is not None
    student = session.scalars(select(LtiPerson.user_id).where(LtiPerson.subject == "student-17")).one()
    values = {"changes": 1, "tries": 1, "due": browser.clock(), "sent": None, "reason": "course not published"}
    session.add(LtiGrade(link_id=link.id, student_id=student, state="refused", **values))
    session.commit()
    page = browser.client.get(f"/assignments/{assignment_id}/gradebook").text
    assert f"/assignments/{assignment_id}/gradebook" in browser.client.get(f"/assignments/{assignment_id}").text
    csrf = {"csrf_token": token_in(page)}
    page = browser.client.post(f"/assignments/{assignment_id}/gradebook/compare", data=csrf).text
    assert "could not be read" in page
    ours = browser.client.post(f"/assignments/{assignment_id}/gradebook/ours", data=csrf | {"grade": "x:1"})
    assert ours.status_code == 400
    assert browser.client.get("/platforms/grades").status_code == 403
    staff = session.get_one(
        users.User, session.scalars(select(LtiPerson.user_id).where(LtiPerson.subject != "student-17")).one()
    )
    staff.is_staff = True
    session.commit()
    assert "1 grade does not arrive" in browser.client.get("/platforms").text
    page = browser.client.get("/platforms/grades").text
    assert "course not published" in page
    assert browser.client.post("/platforms/grades", data={"csrf_token": token_in(page)}).status_code == 303
    session.expire_all()
    assert session.scalars(select(LtiGrade.state)).one() == "waiting"


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]
