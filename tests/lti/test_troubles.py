"""What platforms do when they are in trouble, and what staff see of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from threading import Event, Thread

import pytest
from sqlalchemy import select

from grader.errors import Forbidden, PlatformFailed, PlatformSilent
from grader.lti.calling import Reply, call, next_page, open_client
from grader.services import lti_overview
from grader.store import lti_grades
from grader.store.database import writing
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiLink, LtiPerson
from grader.store.lti_platforms import LtiPlatform
from tests.factories import make_user
from tests.lti.passback import Begin, Passback, begin
from tests.servers import free_port

__all__ = ["begin"]  # a fixture
URL = "https://lms.example/items/7/results"


def reason(story: Passback) -> str:
    story.session.rollback()
    return story.session.scalars(select(LtiGrade.reason).order_by(LtiGrade.id)).first() or ""


def test_a_token_that_is_refused_where_the_column_is_looked_for_is_replaced_too(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    asked: list[str] = []

    def refuse_once(path: str) -> tuple[int, dict[str, str], str] | None:
        asked.append(path)
        return (401, {}, "expired") if path.startswith("/items?") and len(asked) == 2 else None

    story.book.trouble = refuse_once
    story.send()
    assert (story.states(), len(story.book.asked)) == (["sent"], 2)


def test_a_token_is_replaced_once_only(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda path: (401, {}, "never") if path.startswith("/items") else None
    story.send()
    assert (story.states(), len(story.book.asked)) == (["waiting"], 2)
    assert "never" in reason(story)


def test_a_platform_that_asks_to_wait_is_left_alone_with_all_its_grades(begin: Begin) -> None:
    story = begin()
    ada = story.student("ada")
    story.answer(ada, "right")
    story.answer(story.student("ben"), "right")
    asked: list[str] = []

    def spoil(path: str) -> tuple[int, dict[str, str], str]:
        asked.append(path)
        return 429, {"Retry-After": "60"}, "slowly"

    story.book.trouble = spoil
    story.send()
    story.answer(ada, "right", "right")  # a new grade waits as well
    story.send()
    assert asked == ["/token"]
    story.book.trouble = lambda _: None
    story.clock.advance(seconds=59)
    story.send()
    assert story.book.scores == []
    story.clock.advance(seconds=1)
    story.send()
    story.clock.advance(seconds=5)  # the one that was tried waits a little longer, not all come at once
    story.send()
    assert story.states() == ["sent", "sent"]
    assert {score["scoreGiven"] for _, score in story.book.scores} == {2, 3}


def test_retry_after_is_a_date_too(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    until = story.clock() + timedelta(minutes=10)
    dates = {"Date": format_datetime(story.clock(), usegmt=True), "Retry-After": format_datetime(until, usegmt=True)}
    assert Reply(503, None, "", {name.lower(): value for name, value in dates.items()}).wait == 600
    assert Reply(503, None, "", {"retry-after": "soon"}).wait is None


def test_a_platform_that_is_away_is_asked_by_one_grade_at_a_time(begin: Begin) -> None:
    story = begin()
    row = story.session.scalars(select(LtiPlatform)).one()
    address, row.token_url = row.token_url, f"http://127.0.0.1:{free_port()}/token"
    story.session.commit()
    for name in ("ada", "ben"):
        story.answer(story.student(name), "right")
    story.send()
    story.session.rollback()
    assert [grade.tries for grade in story.session.scalars(select(LtiGrade).order_by(LtiGrade.id))] == [1, 0]
    assert "does not answer" in reason(story)
    row.token_url = address
    story.session.commit()
    story.clock.advance(seconds=6)
    story.send()
    assert story.states() == ["sent", "sent"]


def test_a_token_endpoint_that_does_not_know_us_yet_is_asked_again(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda path: (400, {}, '{"error": "invalid_client"}') if path == "/token" else None
    story.send()
    assert story.states() == ["waiting"]
    assert "invalid_client (status 400)" in reason(story)


def test_a_column_that_may_not_be_made_is_refused_and_tried_again_on_request(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda path: (403, {}, "<p>course not published</p>") if path == "/items" else None
    story.send()
    assert story.states() == ["refused"]
    assert reason(story).endswith(": course not published (status 403)")
    story.book.trouble = lambda _: None
    staff = make_user(story.session, story.clock, is_staff=True)
    [line] = lti_overview.stuck_grades(story.session, staff)
    assert (line.assignment, line.platform, line.line.state) == ("Assignment", "LMS", "refused")
    with pytest.raises(Forbidden):
        lti_overview.stuck_grades(story.session, story.scene.add_person("instructor"))
    assert lti_overview.send_stuck(story.session, story.clock, staff) == 1
    story.send()
    assert story.states() == ["sent"]
    assert lti_overview.stuck_grades(story.session, staff) == ()


def test_what_waits_for_long_is_on_the_list_for_staff(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda _: (500, {}, "")
    staff = make_user(story.session, story.clock, is_staff=True)
    for _ in range(lti_overview.TIRED):
        assert lti_overview.stuck_grades(story.session, staff) == ()
        story.send()
        story.clock.advance(hours=3)
    [line] = lti_overview.stuck_grades(story.session, staff)
    assert (line.line.state, line.line.tries) == ("waiting", lti_overview.TIRED)


def test_a_later_timestamp_may_be_said_with_any_status(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.book.trouble = lambda path: (400, {}, "There is a LATER timestamp") if "/scores" in path else None
    story.send()
    assert story.states() == ["superseded"]


def test_tries_of_a_teacher_are_no_grades(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    teacher = story.scene.teacher.user_id
    link = story.session.scalars(select(LtiLink)).one()
    story.session.add(LtiPerson(platform_id=story.platform_id, subject="tina", user_id=teacher, created=story.clock()))
    story.session.commit()
    with writing(story.session):
        lti_grades.ask_students(story.session, story.clock(), link.id, [teacher])
    story.send()
    assert ([user for _, user in story.book.grades], story.states()) == (["ada"], ["sent", "nothing"])


def test_a_link_that_is_made_later_tells_of_all_who_have_tried(begin: Begin) -> None:
    story = begin()
    story.answer(story.student("ada"), "right")
    story.answer(story.student("ben"), "?")
    link = story.session.scalars(select(LtiLink)).one()
    with writing(story.session):
        for row in story.session.scalars(select(LtiGrade)):
            story.session.delete(row)
    with writing(story.session):
        lti_grades.ask_everybody(story.session, story.clock(), link.id, story.assignment_id)
    story.send()
    assert ([user for _, user in story.book.grades], story.states()) == (["ada"], ["sent"])


@pytest.mark.parametrize(
    ("link", "found"),
    [
        (f'<{URL}?page=2>; rel="next"', f"{URL}?page=2"),
        (f"<{URL}?a=1&amp;page=2>;rel=“next”", f"{URL}?a=1&page=2"),
        ("</items/7/results?p=2>; rel=next", f"{URL}?p=2"),
        ("<http://lms.example/items/7/results?p=2>; rel=next", f"{URL}?p=2"),  # behind a proxy that ends TLS
        (f'<{URL}?page=1>; rel="first"', ""),
        ("", ""),
    ],
)
def test_the_next_page_is_read_leniently(link: str, found: str) -> None:
    assert next_page(Reply(200, [], "", {"link": link}), URL) == found


@pytest.mark.parametrize(
    "address", ["https://evil.example/x", "https://lms.example:8443/x", "//evil.example", "file:///x"]
)
def test_the_next_page_is_not_at_another_site(address: str) -> None:
    with pytest.raises(PlatformFailed, match="another site"):
        next_page(Reply(200, [], "", {"link": f'<{address}>; rel="next"'}), URL)


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that answers a byte now and then, for ever."""
    ended = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not ended.wait(0.02):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    thread = Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    ended.set()
    thread.join()
    listener.close()


def test_a_byte_now_and_then_is_no_answer(dripping: str) -> None:
    with open_client(0.3) as client, pytest.raises(PlatformSilent, match="takes too long"):
        call(client, "GET", dripping)
