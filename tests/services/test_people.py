"""Who is in a course: importing, adding, roles, ends, and the invitations by which people come in."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound
from grader.services import courses, invitations, people, users
from grader.services.access import Actor
from grader.services.people import Deed, Plan
from grader.services.rosters import Roster, RosterRow, read_roster
from grader.store.audit import AuditEntry
from grader.store.enrolments import Enrolment
from grader.store.invitations import Invitation
from grader.store.users import User
from tests.factories import Scene, SteadyClock, watched

LIST = "login,name,email,role\nzoe,Zoe Z.,zoe@example.org,\nyan,Yan,,assistant\n"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def deeds(plan: Plan) -> dict[str, str]:
    return {row.row.login: str(row.deed) for row in plan.rows}


def bring_in(scene: Scene, text: str = LIST) -> Plan:
    return people.import_people(scene.session, scene.clock, scene.teacher, scene.course_id, read_roster(text))


def roles(scene: Scene) -> dict[str, str]:
    found = people.list_people(scene.session, scene.teacher, scene.course_id)
    return {one.login: one.role for one in found if one.id != scene.teacher.user_id}


def count(scene: Scene, table: type[User | Enrolment]) -> int:
    return scene.session.scalars(select(func.count()).select_from(table)).one()


def test_a_plan_changes_nothing_and_an_import_does_what_it_said(scene: Scene) -> None:
    before = count(scene, User), count(scene, Enrolment)
    plan = people.plan_import(scene.session, scene.teacher, scene.course_id, read_roster(LIST))
    assert deeds(plan) == {"zoe": "new", "yan": "new"}
    assert (count(scene, User), count(scene, Enrolment)) == before
    assert bring_in(scene) == plan
    assert roles(scene) == {"zoe": "student", "yan": "assistant"}
    again = bring_in(scene)
    assert set(deeds(again).values()) == {"same"}
    assert (count(scene, User), count(scene, Enrolment)) == (before[0] + 2, before[1] + 2)
    entry = scene.session.scalars(select(AuditEntry).where(AuditEntry.action == "course.people-imported")).first()
    assert entry is not None
    assert entry.details == {"counts": {"new": 2}}


def test_what_is_done_for_who_is_known_already(scene: Scene) -> None:
    ada, ben = scene.add_person(), scene.add_person("assistant")
    away = scene.add_person()
    people.end_enrolment(scene.session, scene.clock, scene.teacher, scene.course_id, away.user_id)
    users.register(scene.session, scene.clock, "known", "Known Already", None)
    logins = {name: users.user(scene.session, one.user_id).login for name, one in (("a", ada), ("b", ben), ("c", away))}
    plan = bring_in(
        scene,
        f"login,name,role\n{logins['a']},Other Name,assistant\n{logins['b']},,\n{logins['c']},,\nknown,Nobody,\n",
    )
    assert [row.deed for row in plan.rows] == [Deed.ROLE, Deed.SAME, Deed.BACK, Deed.ENROLLED]
    assert roles(scene) == {
        logins["a"]: "assistant",
        logins["b"]: "assistant",
        logins["c"]: "student",
        "known": "student",
    }
    assert users.find(scene.session, "known").name == "Known Already"  # type: ignore[union-attr]


def test_nothing_is_half_done(scene: Scene) -> None:
    people_before = count(scene, User)
    with pytest.raises(InvalidRequest, match=r"Line 3: Nobody has this log-in name yet.*Nothing was imported"):
        bring_in(scene, "login,name\nzoe,Zoe\nxu,\n")
    assert (count(scene, User), roles(scene)) == (people_before, {})


def test_instructors_cannot_take_the_course_from_themselves(scene: Scene) -> None:
    mine = users.user(scene.session, scene.teacher.user_id).login
    plan = people.plan_import(
        scene.session, scene.teacher, scene.course_id, read_roster(f"login,role\n{mine},student\n")
    )
    assert (plan.rows, len(plan.faults)) == ((), 1)
    with pytest.raises(Conflict):
        people.change_role(scene.session, scene.clock, scene.teacher, scene.course_id, scene.teacher.user_id, "student")
    with pytest.raises(Conflict):
        people.end_enrolment(scene.session, scene.clock, scene.teacher, scene.course_id, scene.teacher.user_id)


def test_one_is_added_and_gets_another_role_and_leaves(scene: Scene) -> None:
    session, clock, teacher, course = scene.session, scene.clock, scene.teacher, scene.course_id
    row = RosterRow(1, " Zoe ", "Zoe Z.", "", "student")
    added, deed = people.add_person(session, clock, teacher, course, row)
    assert (added.login, added.role, deed, added.has_password) == ("zoe", "student", Deed.NEW, False)
    people.change_role(session, clock, teacher, course, added.id, "assistant")
    assert roles(scene) == {"zoe": "assistant"}
    people.end_enrolment(session, clock, teacher, course, added.id)
    assert roles(scene) == {}
    assert courses.list_courses(session, Actor(added.id)) == ()
    with pytest.raises(NotFound):
        people.change_role(session, clock, teacher, course, added.id, "student")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (RosterRow(1, "", "Zoe", "", "student"), "login"),
        (RosterRow(1, "zoe", "Zoe", "no address", "student"), "email"),
        (RosterRow(1, "zoe", "Zoe", "", "boss"), "role"),
        (RosterRow(1, "zoe", "", "", "student"), "people"),
    ],
)
def test_what_cannot_be_added_names_the_field(scene: Scene, row: RosterRow, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        people.add_person(scene.session, scene.clock, scene.teacher, scene.course_id, row)
    assert caught.value.field == field


def test_only_instructors_change_who_is_in(scene: Scene, session: Session, clock: SteadyClock) -> None:
    student, assistant = scene.add_person(), scene.add_person("assistant")
    stranger = Scene(session, clock).teacher
    assert people.list_people(session, assistant, scene.course_id)
    for actor, error in ((student, Forbidden), (assistant, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            people.import_people(session, clock, actor, scene.course_id, Roster((), ()))
        with pytest.raises(error):
            people.change_role(session, clock, actor, scene.course_id, student.user_id, "instructor")
        with pytest.raises(error):
            people.end_enrolment(session, clock, actor, scene.course_id, student.user_id)
        with pytest.raises(error):
            invitations.invite(session, clock, actor, scene.course_id, 3)


def invite(scene: Scene, days: int = 3, uses: int | None = None, role: str = "student") -> str:
    return invitations.invite(scene.session, scene.clock, scene.teacher, scene.course_id, days, uses, role)[0]


def test_an_invitation_brings_in_who_has_an_account_and_who_has_none(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    secret = invite(scene)
    assert not session.scalars(select(Invitation).where(Invitation.hash == secret)).all()  # only a hash is kept
    assert invitations.welcome(session, clock, secret).role == "student"
    new = invitations.join_as_new(session, clock, secret, "zoe", "Zoe", "long enough now")
    assert users.authenticate(session, clock, "zoe", "long enough now") == new
    known = Actor(users.register(session, clock, "known", "Known", None).id)
    assert invitations.join(session, clock, known, secret) == scene.course_id
    invitations.join(session, clock, known, secret)  # twice is once
    invitations.join(session, clock, scene.teacher, secret)  # and lowers no role
    (view,) = invitations.list_invitations(session, clock, scene.teacher, scene.course_id)
    assert (view.uses, view.is_open) == (2, True)
    assert roles(scene) == {"zoe": "student", "known": "student"}
    with pytest.raises(Conflict) as taken:
        invitations.join_as_new(session, clock, secret, "zoe", "Zoe", "long enough now")
    assert taken.value.field == "login"


def test_nobody_waits_for_the_password_of_who_follows_a_link(scene: Scene) -> None:
    """On SQLite one writes at a time, and a lecture follows its link all at once."""
    session, clock, seen = scene.session, scene.clock, list[bool]()
    password = watched(session, "long enough now", seen)
    invitations.join_as_new(session, clock, invite(scene), "zoe", "Zoe", password)
    bring_in(scene, "login,name\nyan,Yan\n")
    yan = users.find(session, "yan")
    assert yan is not None
    link = invitations.invite_person(session, clock, scene.teacher, scene.course_id, yan.id)
    invitations.choose_password(session, clock, link, password)
    with pytest.raises(Conflict, match="is taken"):
        invitations.join_as_new(session, clock, invite(scene), "zoe", "Zoe", password)
    assert seen == [False, False]  # a log-in name that is taken costs nothing


def test_invitations_end(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    once, short, revoked = invite(scene, uses=1), invite(scene, days=1), invite(scene)
    invitations.join_as_new(session, clock, once, "zoe", "Zoe", "long enough now")
    row = session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    assert row is not None
    invitations.revoke(session, clock, scene.teacher, scene.course_id, row.id)
    clock.advance(days=1)
    somebody = Actor(users.register(session, clock, "late", "Late", None).id)
    for secret in (once, short, revoked, "", "x" * 500, "\ud800"):
        with pytest.raises(NotFound, match="not valid"):
            invitations.join(session, clock, somebody, secret)
        with pytest.raises(NotFound, match="not valid"):
            invitations.join_as_new(session, clock, secret, "xu", "Xu", "long enough now")
    assert users.find(session, "xu") is None
    assert "late" not in roles(scene)


def test_who_was_taken_out_does_not_come_back_by_a_link(scene: Scene) -> None:
    student = scene.add_person()
    people.end_enrolment(scene.session, scene.clock, scene.teacher, scene.course_id, student.user_id)
    with pytest.raises(Forbidden, match="was ended"):
        invitations.join(scene.session, scene.clock, student, invite(scene))


def test_a_link_of_ones_own_gives_a_password_once(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    bring_in(scene)
    zoe = users.find(session, "zoe")
    assert zoe is not None
    first = invitations.invite_person(session, clock, scene.teacher, scene.course_id, zoe.id)
    second = invitations.invite_person(session, clock, scene.teacher, scene.course_id, zoe.id)
    assert invitations.list_invitations(session, clock, scene.teacher, scene.course_id) == ()
    with pytest.raises(NotFound):
        invitations.choose_password(session, clock, first, "long enough now")
    with pytest.raises(InvalidRequest):
        invitations.choose_password(session, clock, second, "short")
    with pytest.raises(NotFound):
        invitations.join_as_new(session, clock, second, "other", "Other", "long enough now")
    assert invitations.choose_password(session, clock, second, "long enough now").user_id == zoe.id
    users.authenticate(session, clock, "zoe", "long enough now")
    with pytest.raises(NotFound):
        invitations.choose_password(session, clock, second, "another long one")
    with pytest.raises(Conflict):
        invitations.invite_person(session, clock, scene.teacher, scene.course_id, zoe.id)


def test_who_enrols_somebody_elses_person_cannot_choose_their_password(scene: Scene) -> None:
    """A link gives all that the person may do: the course that made the account gives it, and staff."""
    session, clock = scene.session, scene.clock
    bring_in(scene)
    zoe, elsewhere = users.find(session, "zoe"), Scene(session, clock)
    assert zoe is not None
    thief = elsewhere.add_person("instructor")
    courses.enrol(session, clock, thief, elsewhere.course_id, "zoe")
    with pytest.raises(Conflict, match="made in another course"):
        invitations.invite_person(session, clock, thief, elsewhere.course_id, zoe.id)
    assert invitations.invite_person(session, clock, elsewhere.teacher, elsewhere.course_id, zoe.id)
    assert invitations.invite_person(session, clock, scene.teacher, scene.course_id, zoe.id)


def test_people_of_a_platform_come_from_there(scene: Scene) -> None:
    """Whether such a log-in name exists is told to nobody, nor can it be taken by somebody else before."""
    session, clock = scene.session, scene.clock
    users.register(session, clock, "lti-1-known", "From elsewhere", None)
    for login in ("lti-1-known", "lti-1-unknown", "LTI-1-Known"):
        with pytest.raises(NotFound, match="nobody with this log-in name"):
            courses.enrol(session, clock, scene.teacher, scene.course_id, login)
        plan = people.plan_import(session, scene.teacher, scene.course_id, read_roster(f"login,name\n{login},Zoe\n"))
        assert [fault.reason for fault in plan.faults] == [people.OF_PLATFORM]
        with pytest.raises(InvalidRequest, match="learning platform"):
            invitations.join_as_new(session, clock, invite(scene), login, "Zoe", "long enough now")


@pytest.mark.parametrize(
    ("days", "uses", "role"), [(0, None, "student"), (999, None, "student"), (3, 0, "student"), (3, 1, "x")]
)
def test_senseless_invitations(scene: Scene, days: int, uses: int | None, role: str) -> None:
    with pytest.raises(InvalidRequest):
        invite(scene, days, uses, role)
