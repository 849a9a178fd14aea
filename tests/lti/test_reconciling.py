"""Grades are read back from the platform: what differs is listed, and ours is sent on request."""

from __future__ import annotations

from fractions import Fraction

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from grader.cli import cli
from grader.errors import Forbidden
from grader.lti import claims as names
from grader.lti.calling import open_client
from grader.services import lti_reconciling, users
from grader.services.lti_reconciling import Comparison
from grader.services.lti_tokens import Tokens
from grader.store.lti_links import LtiLink
from tests.factories import counted_statements
from tests.lti.passback import SECRET, Begin, Passback, begin

__all__ = ["begin"]  # a fixture
ALL_SCOPES = [names.SCOPE_SCORE, names.SCOPE_LINE_ITEM, names.SCOPE_RESULT]


@pytest.fixture
def story(begin: Begin) -> Passback:
    """Five students whose grades have arrived."""
    story = begin(scopes=ALL_SCOPES)
    for name in ("ada", "ben", "cai", "dee", "eve"):
        story.answer(story.student(name), "right")
    story.send()
    assert story.states() == ["sent"] * 5
    return story


def compared(story: Passback) -> Comparison:
    with open_client() as client:
        tokens = Tokens(story.clock, client, SECRET)
        args = (story.session, story.clock, tokens, story.scene.teacher, story.assignment_id)
        [found] = lti_reconciling.compare_assignment(*args)
    return found


def spoil(story: Passback) -> None:
    grades = story.book.grades
    del grades["0", "ada"]
    grades["0", "ben"]["scoreGiven"] = 1
    grades["0", "cai"]["scoreGiven"] = 3
    grades["0", "zoe"] = dict(grades["0", "dee"], userId="zoe")
    grades["0", "eve"]["scoreGiven"] = 2.0001  # rounded


def kinds(found: Comparison) -> dict[str, str]:
    return {each.subject: each.kind.value for each in found.differences}


def test_nothing_differs_after_all_was_sent(story: Passback) -> None:
    found = compared(story)
    assert (found.compared, found.differences, found.trouble) == (5, (), "")


def test_comparing_asks_as_often_for_many_as_for_few(story: Passback, engine: Engine) -> None:
    story.session.rollback()
    with counted_statements(engine) as few:
        compared(story)
    for number in range(5):
        story.answer(story.student(f"another-{number}"), "right")
    story.send()
    story.session.rollback()
    with counted_statements(engine) as many:
        assert compared(story).compared == 10
    assert len(many) == len(few)


def test_what_differs_is_listed_and_ours_is_sent_on_request(story: Passback) -> None:
    spoil(story)
    found = compared(story)
    assert kinds(found) == {"ada": "missing", "ben": "lower", "cai": "higher", "zoe": "unknown"}
    shares = {each.subject: (each.ours, each.theirs) for each in found.differences}
    assert shares["ben"] == (Fraction(2, 3), Fraction(1, 3))
    chosen = [(found.link_id, each.student_id) for each in found.differences if each.student_id]
    teacher = story.scene.teacher
    assert lti_reconciling.send_ours(story.session, story.clock, teacher, story.assignment_id, chosen) == 3
    story.send()
    assert kinds(compared(story)) == {"zoe": "unknown"}


def test_a_grade_that_we_do_not_have_is_named(story: Passback) -> None:
    fay = story.student("fay")
    assert fay
    story.book.grades["0", "fay"] = dict(story.book.grades["0", "ada"], userId="fay")
    assert kinds(compared(story)) == {"fay": "extra"}


def test_only_instructors_compare_and_send(story: Passback) -> None:
    with open_client() as client:
        args = (Tokens(story.clock, client, SECRET), story.scene.students[0], story.assignment_id)
        with pytest.raises(Forbidden):
            lti_reconciling.compare_assignment(story.session, story.clock, *args)
    with pytest.raises(Forbidden):
        lti_reconciling.send_ours(story.session, story.clock, story.scene.students[0], story.assignment_id, [])


def test_a_column_that_is_gone_is_made_anew(story: Passback) -> None:
    story.book.trouble = lambda path: (404, {}, "no such column") if path.startswith("/items/0") else None
    found = compared(story)
    assert (found.is_gone, "no such column" in found.trouble) == (True, True)
    story.book.items.clear()
    story.book.items.append({"resourceId": "another"})  # so that the new column has another address
    args = (story.session, story.clock, story.scene.teacher, story.assignment_id, found.link_id)
    lti_reconciling.renew_column(*args)
    story.send()
    assert sorted(user for item, user in story.book.grades if item == "1") == ["ada", "ben", "cai", "dee", "eve"]
    assert kinds(compared(story)) == {}


def test_a_platform_that_lets_nobody_read_says_so(story: Passback) -> None:
    link = story.session.scalars(select(LtiLink)).one()
    link.scopes = [names.SCOPE_SCORE]
    story.session.commit()
    assert "does not let us read" in compared(story).trouble


def test_the_command_compares_and_sends(story: Passback, database_url: str) -> None:
    spoil(story)
    users.register(story.session, story.clock, "emmy", "Emmy Noether", None, is_staff=True)
    environment = {"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": SECRET}

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner(env=environment).invoke(cli, ("lti", "reconcile", *arguments, "--as", "emmy"))
        return done.exit_code, done.stdout

    code, said = run("--send")
    assert (code, "5 students, 4 differ" in said, "2 grades are sent again" in said) == (1, True, True)
    assert "missing\tPerson" in said
    story.clock.advance(days=400)  # the command has the clock of the machine
    story.send()
    code, said = run(str(story.assignment_id))
    assert (code, "2 differ" in said) == (1, True)
