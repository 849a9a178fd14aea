"""Assignments to zip files and from them: there and back, what is refused, who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.bank.loading import load_problem
from grader.bank.packing import zipped
from grader.bank.variants import make_variant
from grader.errors import BankErrors, Forbidden, GraderError, InvalidRequest, NotFound
from grader.services import assignment_edits, assignments, attempts, authoring
from grader.services.access import Actor
from grader.services.assignment_imports import ImportedAssignment, import_assignment
from grader.services.assignment_packing import export_assignment
from grader.services.assignments import AssignmentView, ChosenProblem, Setting
from grader.services.examining import Examination, examine
from grader.services.lateness import LateKind, LateRule
from grader.services.policies import Policy, ShowSolution
from grader.services.problems import source_of
from grader.store.assignments import HIDDEN, Assignment
from grader.store.problems import Problem
from tests.bank.samples import SOUND, spoiled
from tests.factories import START, Scene, SteadyClock
from tests.small_bank import small_bank

BANK = small_bank().problems
SHIPPED, OTHER, OWN = "derivative-polynomial", "gradient-mixed-cubic", "slope-of-a-parabola"
TITLE = "Week 3: Emmy's 'slopes' — größer"
DAY = timedelta(days=1)
DAILY = LateRule(LateKind.DAILY, 15, Fraction(1, 3), Fraction(1, 7), START + 9 * DAY)
RULES = [
    Policy(),
    Policy(START + DAY, START + 2 * DAY, 3, Fraction(1, 7), practice=True, show_solution=ShowSolution.NEVER),
    Policy(due=START + 2 * DAY, late=DAILY, one_variant=True, show_solution=ShowSolution.DUE),
    Policy(due=START, late=LateRule(LateKind.GRACE, 30)),
    Policy(exam=True, feedback_from=START + timedelta(microseconds=1), tries=1),
]
Files = dict[str, bytes]


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def quickly(source: str, seed: int, seeds: int = 0) -> Examination:
    """Everything that is looked at, without the first seeds."""
    del seeds
    return examine(source, seed)


def write(scene: Scene, source: str = SOUND) -> None:
    authoring.add_problem(scene.session, scene.clock, scene.teacher, scene.course_id, source, quickly(source, 1))


def set_up(
    scene: Scene, policy: Policy | None = None, title: str = "Week 3: Emmy's 'slopes' — größer"
) -> AssignmentView:
    """An assignment of a shipped problem and one of the course."""
    write(scene)
    own = authoring.sources_of(scene.session, scene.course_id, [OWN])[OWN]
    chosen = [ChosenProblem(own, Fraction(7, 3)), ChosenProblem(source_of(BANK[SHIPPED]))]
    return assignments.create_assignment(
        scene.session, scene.clock, scene.teacher, scene.course_id, title, chosen, policy or RULES[2],
        Setting("Europe/Berlin"),
    )  # fmt: skip


def packed(scene: Scene, view: AssignmentView, who: Actor | None = None) -> bytes:
    return export_assignment(scene.session, who or scene.teacher, view.id)


def taken(scene: Scene, content: bytes, who: Actor | None = None, most_new: int | None = None) -> ImportedAssignment:
    return import_assignment(
        scene.session, scene.clock, who or scene.teacher, scene.course_id, content, BANK, quickly, most_new
    )


def shown(scene: Scene, made: ImportedAssignment) -> AssignmentView:
    return assignments.assignment(scene.session, scene.clock, scene.teacher, made.id)


def files_of(content: bytes) -> Files:
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def counts(session: Session) -> tuple[int, ...]:
    return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Assignment, Problem))


@pytest.mark.parametrize("policy", RULES)
def test_an_assignment_goes_into_another_course_and_back(scene: Scene, policy: Policy) -> None:
    view = set_up(scene, policy)
    content = packed(scene, view)
    there = Scene(scene.session, scene.clock)
    made = taken(there, content)
    found = shown(there, made)
    assert (found.title, found.policy, found.course_id) == (view.title, policy, there.course_id)
    assert (found.setting.zone, found.setting.visibility) == ("Europe/Berlin", HIDDEN)
    told = [(one.problem_id, one.version, one.max_points, one.is_own) for one in found.problems]
    assert told == [(one.problem_id, one.version, one.max_points, one.is_own) for one in view.problems]
    assert (dict(made.added), made.renamed) == ({OWN: OWN}, {})
    assert packed(there, found) == content, "byte for byte"


def test_the_same_seed_gives_the_same_variant(scene: Scene) -> None:
    there = Scene(scene.session, scene.clock)
    made = taken(there, packed(scene, set_up(scene)))
    with_texts = files_of(packed(there, shown(there, made)))
    for key, source in ((OWN, SOUND), (SHIPPED, BANK[SHIPPED].source)):
        text = with_texts[f"problems/{key}.yaml"].decode()
        assert make_variant(load_problem(text), 7).parameters == make_variant(load_problem(source), 7).parameters


def test_nothing_of_students_is_in_it(scene: Scene) -> None:
    view = set_up(scene, Policy())
    before = packed(scene, view)
    attempts.open_attempts(scene.session, scene.clock, scene.add_person(), view.id)
    assert packed(scene, view) == before
    assert sorted(files_of(before)) == ["assignment.yaml", f"problems/{SHIPPED}.yaml", f"problems/{OWN}.yaml"]


def test_the_same_course_again_gets_no_second_copy(scene: Scene) -> None:
    """Not even of a text that the course has changed since: it is set in the version that was packed."""
    view = set_up(scene)
    content = packed(scene, view)
    present = authoring.own_problem(scene.session, scene.teacher, scene.course_id, OWN)
    newer = SOUND.replace("Look to", "Turn to")
    authoring.save_problem(
        scene.session, scene.clock, scene.teacher, scene.course_id, OWN, newer, present.save_id, quickly(newer, 1)
    )
    made = taken(scene, content)
    assert not made.added
    assert [one.version for one in shown(scene, made).problems] == [one.version for one in view.problems]
    kept = authoring.own_problem(scene.session, scene.teacher, scene.course_id, OWN)
    assert kept.source == newer


def test_an_id_that_is_taken_is_another_one_here(scene: Scene) -> None:
    """By another problem of the course, or of the bank."""
    files = files_of(packed(scene, set_up(scene)))
    there = Scene(scene.session, scene.clock)
    write(there, SOUND.replace("Look to", "Turn to"))
    changed = files[f"problems/{SHIPPED}.yaml"].replace(b"id:", b"# Ours\nid:", 1)
    main = "\n".join(line for line in files["assignment.yaml"].decode().splitlines() if "    version:" not in line)
    made = taken(there, zipped(files | {f"problems/{SHIPPED}.yaml": changed, "assignment.yaml": main.encode()}))
    assert made.renamed == {OWN: f"{OWN}-2", SHIPPED: f"{SHIPPED}-2"}
    assert [one.problem_id for one in shown(there, made).problems] == [f"{OWN}-2", f"{SHIPPED}-2"]
    source = authoring.own_problem(there.session, there.teacher, there.course_id, f"{OWN}-2").source
    assert source == SOUND.replace(f"id: {OWN}", f"id: {OWN}-2")


def replaced(old: str, new: str, file: str = "assignment.yaml") -> Callable[[Files], object]:
    def change(files: Files) -> None:
        text = files[file].decode()
        assert old in text
        files[file] = text.replace(old, new).encode()

    return change


def spoil(old: str, new: str) -> Callable[[Files], object]:
    """The course's problem with a fault, its version left out."""

    def change(files: Files) -> None:
        files[PLACE] = spoiled(old, new).encode()
        lines = files["assignment.yaml"].decode().splitlines()
        files["assignment.yaml"] = "\n".join(line for line in lines if "    version:" not in line).encode()

    return change


PLACE = f"problems/{OWN}.yaml"
REFUSALS: list[tuple[Callable[[Files], object], type[GraderError], tuple[str, ...]]] = [
    (lambda files: files.pop("assignment.yaml"), InvalidRequest, ("has no assignment.yaml",)),
    (lambda files: files.update({"../x.yaml": b"x"}), InvalidRequest, ("no place for a problem",)),
    (lambda files: files.update({"problems/a/b.yaml": b"x"}), InvalidRequest, ("no place for a problem",)),
    (lambda files: files.update({PLACE: b" " * 1_000_001}), InvalidRequest, ("too large once it is unpacked",)),
    (lambda files: files.pop(PLACE), BankErrors, (f"The package has no {PLACE}",)),
    (lambda files: files.update({"problems/x.yaml": b"x"}), BankErrors, ("problems/x.yaml:1:1", "does not name")),
    (lambda files: files.update({PLACE: b"\xff"}), BankErrors, (f"{PLACE}:1:1", "not UTF-8")),
    (lambda files: files.update({PLACE: b"id: x\n"}), BankErrors, ("assignment.yaml:", "not the text that was packed")),
    (lambda files: files.update({"assignment.yaml": b"- a"}), BankErrors, ("assignment.yaml:1:1", "is a mapping")),
    (lambda files: files.update({"assignment.yaml": b""}), BankErrors, ("assignment.yaml:1:1", "is a mapping")),
    (lambda files: files.update({"assignment.yaml": b"a: [" * 99}), BankErrors, ("assignment.yaml:1:",)),
    (replaced("format: grader-assignment", "format: other"), BankErrors, ("assignment.yaml:2:", "grader-assignment")),
    (replaced("\nversion: 1", "\nversion: 2"), BankErrors, ("assignment.yaml:3:",)),
    (replaced("penalty:", "penaltie:"), BankErrors, ("assignment.yaml:7:1", "'penaltie'", "Did you mean 'penalty'?")),
    (replaced("penalty: '0'", "penalty: '3/2'"), BankErrors, ("assignment.yaml:7:", "from 0 to 1")),
    (replaced("penalty: '0'", "penalty: '1/0'"), BankErrors, ("assignment.yaml:7:", "A number is expected")),
    (replaced("penalty: '0'", "penalty: '1e999999999'"), BankErrors, ("assignment.yaml:7:", "A number is expected")),
    (replaced("penalty: '0'", "penalty: '0'\ntries: 0"), BankErrors, ("assignment.yaml:8:", "number of tries")),
    (replaced("due: '2026", "due: '1026"), BankErrors, ("assignment.yaml:6:", "The year 1026")),
    (replaced("due: '2026", "due: 'soon 2026"), BankErrors, ("assignment.yaml:6:", "no date and time")),
    (replaced("+01:00'\npen", "'\npen"), BankErrors, ("assignment.yaml:6:", "needs a time zone")),
    (replaced("kind: daily", "kind: dayly"), BankErrors, ("assignment.yaml:13:", "Did you mean 'daily'?")),
    (replaced("  loss: '1/3'", "  loss: 0"), BankErrors, ("assignment.yaml:15:", "what share is lost")),
    (replaced("'Europe/Berlin'", "Atlantis"), BankErrors, ("assignment.yaml:5:", "no such time zone")),
    (replaced(f"- id: {SHIPPED}", f"- id: {OWN}"), BankErrors, ("stands here a second time",)),
    (replaced(f"- id: {SHIPPED}", "- id: ../../x"), BankErrors, ("not a name of this kind",)),
    (replaced("points: '7/3'", "points: -1"), BankErrors, ("A number is expected",)),
    (spoil("level: drill", "levl: drill"), BankErrors, (f"{PLACE}:5:1", "'levl'")),
    (spoil("answer: slope", "answer: slop"), BankErrors, (f"{PLACE}:", "slop")),
    (spoil(f"id: {OWN}", f"'id': {OWN}"), BankErrors, (f"{PLACE}:1:1", "No line of this text says its id")),
]


def test_a_package_with_faults_makes_nothing(scene: Scene) -> None:
    content = packed(scene, set_up(scene))
    there = Scene(scene.session, scene.clock)
    before = counts(scene.session)
    for number, (change, kind, says) in enumerate(REFUSALS):
        files = files_of(content)
        change(files)
        with pytest.raises(kind) as caught:
            taken(there, zipped(files))
        assert [words for words in says if words not in str(caught.value)] == [], (number, str(caught.value))
        assert counts(scene.session) == before, number
    assert taken(there, content).title


def test_all_faults_come_together(scene: Scene) -> None:
    files = files_of(packed(scene, set_up(scene)))
    replaced("penalty: '0'", "penaltie: x")(files)
    replaced("grace: 15", "grace: [15]")(files)
    with pytest.raises(BankErrors) as caught:
        taken(scene, zipped(files))
    assert [(one.file, one.line) for one in caught.value.errors] == [("assignment.yaml", 7), ("assignment.yaml", 14)]


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_file_is_refused(scene: Scene, content: bytes) -> None:
    with pytest.raises(InvalidRequest):
        taken(scene, content)


def test_a_page_takes_so_many_new_problems_and_no_more(scene: Scene) -> None:
    content = packed(scene, set_up(scene))
    there = Scene(scene.session, scene.clock)
    with pytest.raises(InvalidRequest, match="than a page takes"):
        taken(there, content, most_new=0)
    assert taken(there, content, most_new=1).added


def test_teachers_export_and_instructors_import(scene: Scene) -> None:
    view = set_up(scene)
    content = packed(scene, view)
    assistant, student, stranger = scene.add_person("assistant"), scene.add_person(), Scene(scene.session, scene.clock)
    assert packed(scene, view, assistant) == content
    for who, refusal in ((student, Forbidden), (stranger.teacher, NotFound)):
        with pytest.raises(refusal):
            packed(scene, view, who)
    for who, refusal in ((assistant, Forbidden), (student, Forbidden), (stranger.teacher, NotFound)):
        with pytest.raises(refusal):
            taken(scene, b"whatever it is", who)
    for limits in (replace(scene.teacher, course_id=stranger.course_id), replace(scene.teacher, scopes=frozenset())):
        with pytest.raises((Forbidden, NotFound)):
            packed(scene, view, limits)
        with pytest.raises((Forbidden, NotFound)):
            taken(scene, content, limits)
    assignment_edits.set_visibility(scene.session, scene.clock, scene.teacher, view.id, "deleted")
    with pytest.raises(NotFound):
        packed(scene, view)


def test_dates_stand_in_the_zone_of_the_assignment(scene: Scene) -> None:
    view = set_up(scene, Policy(due=datetime(2026, 7, 1, 21, 59, tzinfo=UTC)))
    assert "due: '2026-07-01T23:59:00+02:00'" in files_of(packed(scene, view))["assignment.yaml"].decode()
