"""Analysis of assignments and problems: who is counted, what is flagged, and how many statements it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from grader.bank.loading import load_problem
from grader.bank.variants import draw, value_text
from grader.errors import Forbidden, NotFound
from grader.grading import PartResult, Result
from grader.services import analysis, assignments, attempts, people, practice, previewing, problem_analysis
from grader.services.access import Actor
from grader.services.assignments import AssignmentView, ChosenProblem
from grader.services.attempts import AttemptView
from grader.services.item_figures import Flag
from grader.services.policies import Policy
from grader.services.problem_analysis import ProblemAnalysis
from grader.services.problems import source_of
from grader.services.submissions import submit
from grader.store import assignments as assignment_rows
from grader.store.attempts import Attempt
from grader.store.database import writing
from grader.store.variants import variant_id
from tests.factories import MEANINGS, Scene, SteadyClock, counted_statements, grade_words
from tests.services.regrading import PROBLEM

RIGHT, WRONG = {"a": "right", "b": "right"}, {"a": "wrong", "b": "right"}
SLOPES = load_problem(PROBLEM)


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def answer(
    scene: Scene, student: Actor, view: AssignmentView, *texts: Mapping[str, str], place: int = 0, seed: int = 0
) -> AttemptView:
    """Open a problem and send answers in, a minute between them; `seed` says which variant it is to be."""
    session, clock = scene.session, scene.clock
    attempt = attempts.open_attempt(session, clock, student, view.id, view.problems[place].problem_id)
    if seed:
        row = assignment_rows.problems_of(session, [view.id])[place]
        with writing(session):
            other = variant_id(session, row.problem_version_id, seed)
            session.execute(update(Attempt).where(Attempt.id == attempt.id).values(variant_id=other))
    for each in texts:
        clock.advance(minutes=1)
        submit(session, clock, tell if "slope" in each else grade_words, student, attempt.id, each)
    return attempt


def tell(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    """A judge of the slopes that takes words at their word, and knows one mistake."""
    assert source
    assert seed
    parts = []
    for part, worth in (("slope", Fraction(2)), ("rate", Fraction(1))):
        share, outcome = MEANINGS[responses[part]]
        mistake = "sign-flipped" if outcome == "different" else None
        feedback = ("The sign is wrong.",) if mistake else ()
        parts.append(PartResult(part, worth * share, worth, outcome, feedback=feedback, mistake=mistake))
    return replace(Result.of(tuple(parts)), engine="text 1")


def looked_at(scene: Scene, view: AssignmentView, place: int = 0, seconds: float = 60) -> ProblemAnalysis:
    scene.session.commit()
    key = view.problems[place].problem_id
    return problem_analysis.problem_analysis(scene.session, scene.teacher, view.id, key, seconds)


def test_points_difficulty_and_tries(scene: Scene) -> None:
    view = scene.add_assignment(Policy(penalty=Fraction(1, 2)), problems=2)
    ann, ben, cleo = (scene.add_person() for _ in range(3))
    scene.add_person()
    answer(scene, ann, view, RIGHT)
    answer(scene, ann, view, WRONG, RIGHT, place=1)
    answer(scene, ben, view, WRONG, {"a": "?", "b": ""}, WRONG)
    answer(scene, cleo, view)
    found = analysis.assignment_analysis(scene.session, scene.teacher, view.id)
    assert (found.counted.students, found.counted.answered) == (4, 2)
    assert sorted(found.scores) == [1, 5]
    assert found.spread is not None
    assert found.spread.median == 3
    items = {item.position: item for item in found.items}
    assert items[1].figures.difficulty == pytest.approx((1 + 1 / 3) / 2)
    assert (items[1].figures.first_try.hits, items[1].figures.first_try.total) == (1, 2)
    assert (items[2].figures.first_try.hits, items[2].figures.solved.hits) == (0, 1)
    assert {part.id: part.figures.first_try.hits for part in items[1].parts} == {"a": 1, "b": 2}
    assert {flag for item in found.items for flag in item.flags} == {Flag.FEW}
    assert all(item.figures.discrimination is None for item in found.items)
    second = looked_at(scene, view, 1)
    assert [(one.part, one.tries[:3], one.unsolved) for one in second.successes] == [
        ("", (0, 1, 0), 0),
        ("a", (0, 1, 0), 0),
        ("b", (1, 0, 0), 0),
    ]
    assert [one.minutes for one in second.successes] == [(2,), (2,), (1,)]
    first = looked_at(scene, view)
    assert [(sum(one.tries), one.unsolved) for one in first.successes] == [(1, 1), (1, 1), (2, 0)]


def test_a_long_pause_is_capped(scene: Scene) -> None:
    view, student = scene.add_assignment(), scene.add_person()
    answer(scene, student, view)
    scene.clock.advance(days=3)
    answer(scene, student, view, RIGHT)
    assert looked_at(scene, view).successes[0].minutes == (problem_analysis.MOST_MINUTES,)


def test_who_is_not_counted(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    view = scene.add_assignment()
    stays, leaves, assistant = scene.add_person(), scene.add_person(), scene.add_person("assistant")
    for person in (stays, leaves):
        answer(scene, person, view, RIGHT)
    for person in (assistant, scene.teacher):
        key = view.problems[0].problem_id
        preview = previewing.open_preview(session, clock, person, view.id, key, 1)
        submit(session, clock, grade_words, person, preview.id, WRONG)
    people.end_enrolment(session, clock, scene.teacher, scene.course_id, leaves.user_id)
    people.change_role(session, clock, scene.teacher, scene.course_id, assistant.user_id, "student")
    found = looked_at(scene, view)
    assert (found.counted.students, found.counted.answered, found.submissions) == (2, 1, 1)
    assert found.item.figures.difficulty == 1


def test_what_waits_for_a_person_is_left_out(scene: Scene) -> None:
    view = scene.add_assignment()
    answer(scene, scene.add_person(), view, RIGHT)
    answer(scene, scene.add_person(), view, {"a": "hard", "b": "wrong"})
    found = looked_at(scene, view)
    assert (found.item.figures.answered, found.item.figures.difficulty, found.counted.waiting) == (1, 1, 1)


def test_of_practice_the_first_variant_counts(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    view, student = scene.add_assignment(Policy(practice=True)), scene.add_person()
    first = answer(scene, student, view, WRONG)
    second = attempts.new_practice_variant(session, clock, student, first.id)
    submit(session, clock, grade_words, student, second.id, RIGHT)
    found = analysis.assignment_analysis(session, scene.teacher, view.id)
    assert found.scores == (3,)
    assert found.items[0].figures.difficulty == pytest.approx(1 / 3)


def test_an_item_that_the_best_get_wrong_comes_first(scene: Scene) -> None:
    view = scene.add_assignment(problems=3)
    for number in range(10):
        student, is_good = scene.add_person(), number % 2 == 0
        for place in range(3):
            answer(scene, student, view, RIGHT if is_good == (place != 2) else WRONG, place=place)
    found = analysis.assignment_analysis(scene.session, scene.teacher, view.id)
    assert [item.position for item in found.items] == [3, 1, 2]
    assert found.items[0].figures.flags == (Flag.NEGATIVE,)
    power = found.items[0].figures.discrimination
    assert power is not None
    assert power.value == pytest.approx(-1)


@pytest.mark.parametrize("is_unfair", [True, False])
def test_a_variant_that_nobody_gets_right_is_flagged(scene: Scene, *, is_unfair: bool) -> None:
    view = scene.add_assignment()
    for number in range(18):
        is_wrong = number % 3 == 0 if is_unfair else number < 6
        answer(scene, scene.add_person(), view, WRONG if is_wrong else RIGHT, seed=100 + number % 3)
    found = analysis.assignment_analysis(scene.session, scene.teacher, view.id).items[0]
    assert [group.label for group in found.variants.groups] == ["100", "101", "102"]
    assert [group.label for group in found.variants.unfair] == (["100"] if is_unfair else [])
    assert (Flag.UNFAIR in found.figures.flags) is is_unfair


def test_a_value_that_makes_a_problem_hard_is_flagged(scene: Scene) -> None:
    chosen = [ChosenProblem(source_of(SLOPES))]
    args = (scene.session, scene.clock, scene.teacher, scene.course_id)
    view = assignments.create_assignment(*args, "Slopes", chosen, Policy())
    seeds = list(range(1, 25))
    values = {seed: {name: value_text(value) for name, value in draw(SLOPES, seed).drawn.items()} for seed in seeds}
    hard = max({each["a"] for each in values.values()}, key=lambda text: sum(v["a"] == text for v in values.values()))
    for seed in seeds:
        slope = "wrong" if values[seed]["a"] == hard else "right"
        answer(scene, scene.add_person(), view, {"slope": slope, "rate": "right"}, seed=seed)
    waiting = looked_at(scene, view, seconds=0)
    assert (waiting.values.known, waiting.values.variants, waiting.values.tables) == (0, 24, ())
    found = looked_at(scene, view)
    assert (found.values.known, found.values.variants) == (24, 24)
    assert [table.name for table in found.values.tables] == ["a", "b"]
    unfair = {table.name: [group.label for group in table.comparison.unfair] for table in found.values.tables}
    assert unfair == {"a": [hard], "b": []}
    assert found.item.variants.groups == ()
    assert found.item.variants.few == 24
    number = sum(each["a"] == hard for each in values.values())
    assert [(one.part, one.mistake, one.sentences, one.submissions, one.students) for one in found.mistakes] == [
        ("slope", "sign-flipped", ("The sign is wrong.",), number, number)
    ]
    again = looked_at(scene, view, seconds=0)
    assert again.values == found.values


def test_who_may(scene: Scene) -> None:
    view, student, stranger = scene.add_assignment(), scene.add_person(), Scene(scene.session, scene.clock).teacher
    key = view.problems[0].problem_id
    analysis.assignment_analysis(scene.session, scene.add_person("assistant"), view.id)
    for actor, refused in ((student, Forbidden), (stranger, NotFound)):
        with pytest.raises(refused):
            analysis.assignment_analysis(scene.session, actor, view.id)
        with pytest.raises(refused):
            problem_analysis.problem_analysis(scene.session, actor, view.id, key)
    with pytest.raises(NotFound):
        problem_analysis.problem_analysis(scene.session, scene.teacher, view.id, "no-such-problem")


def test_the_pool_of_practice_is_not_analysed(scene: Scene) -> None:
    session, clock, student = scene.session, scene.clock, scene.add_person()
    practice.begin(session, clock, student, scene.course_id, "derivatives", [source_of(SLOPES)])
    pool = assignment_rows.pool(session, scene.course_id)
    assert pool is not None
    with pytest.raises(NotFound):
        analysis.assignment_analysis(session, scene.teacher, pool.id)


def test_statements_do_not_grow_with_the_answers(scene: Scene, engine: Engine) -> None:
    view = scene.add_assignment(problems=2)
    numbers = []
    for _ in range(3):
        for _ in range(3):
            answer(scene, scene.add_person(), view, WRONG, RIGHT)
        with counted_statements(engine) as whole:
            analysis.assignment_analysis(scene.session, scene.teacher, view.id)
        with counted_statements(engine) as one:
            looked_at(scene, view)
        numbers.append((len(whole), len(one)))
    assert len(set(numbers)) == 1
    assert numbers[0] <= (7, 10)
