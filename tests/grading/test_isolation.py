"""A part that hangs, eats memory or crashes its process is undecided; the others are judged."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from grader.bank.keeping import unpack
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.checking.verdict import OutOfBudget
from grader.errors import BankErrors, InvalidRequest
from grader.grading import grade
from grader.isolation import (
    GivenUp,
    Isolation,
    JudgeStopped,
    Limits,
    grade_variant_within,
    grade_within,
    judge_within,
    pack_within,
    prove_within,
    variant_within,
)
from grader.pairs import Pair, judge
from tests.grading.poison import (
    Dying,
    Eating,
    Hoarding,
    Spinning,
    fail,
    kill_once,
    kill_oneself,
    limits_of_the_process,
    own_number,
    sleep,
    spin,
)
from tests.grading.variants import JACOBIAN, KIND, VALUE, variant

ALL = variant(JACOBIAN, KIND, VALUE)
RESPONSES = {"jacobian": "[[2x y, x^2],[5+cos(x), 1]]", "kind": "convex", "value": "0.33"}
PROBLEM = next(iter(sorted(Path("problems").rglob("*.yaml"))))


@pytest.fixture(scope="module")
def isolation() -> Iterator[Isolation]:
    with Isolation(Limits(seconds=4, mebibytes=300)) as opened:
        yield opened


def test_the_result_is_the_same_as_without_isolation(isolation: Isolation) -> None:
    assert grade_variant_within(isolation, ALL, RESPONSES) == grade(ALL, RESPONSES)
    assert grade_variant_within(isolation, ALL, {}) == grade(ALL, {})


def test_a_variant_can_be_sent_to_a_child() -> None:
    assert pickle.loads(pickle.dumps(ALL)) == ALL


@pytest.mark.parametrize(
    ("settings", "reason", "limit"),
    [
        (Spinning(), "longer than 4 seconds", "time"),
        (Eating(), "more than 300 MiB", "memory"),
        (Hoarding(), "more than 300 MiB", "memory"),
        (Dying(), "process that judged it ended", "process"),
    ],
)
def test_only_the_poisoned_part_is_undecided(
    isolation: Isolation, settings: Mapping[str, str], reason: str, limit: str
) -> None:
    poisoned = variant(JACOBIAN, replace(VALUE, id="poisoned", settings=settings), KIND)
    responses = {"jacobian": RESPONSES["jacobian"], "poisoned": "1", "kind": "convex"}
    result = grade_variant_within(isolation, poisoned, responses)
    assert [part.outcome for part in result.parts] == ["different", "undecided", "equal"]
    evidence = result.parts[1].evidence
    assert isinstance(evidence, OutOfBudget)
    assert reason in evidence.reason
    assert evidence.limit == limit
    assert "not marked wrong" in result.parts[1].feedback[0]
    assert grade_variant_within(isolation, ALL, RESPONSES) == grade(ALL, RESPONSES)


def test_a_problem_file_at_a_seed(isolation: Isolation) -> None:
    source = PROBLEM.read_text(encoding="utf-8")
    made = make_variant(load_problem(source), 7)
    assert variant_within(isolation, source, 7) == made
    responses = {part.id: part.answer_text for part in made.parts if part.type != "choice"}
    assert grade_within(isolation, source, 7, responses) == grade(made, responses)


def test_a_variant_that_is_ready_is_not_made(isolation: Isolation) -> None:
    source = translated()
    problem = load_problem(source)
    bodies = pack_within(isolation, source, 7)
    assert {language: unpack(body) for language, body in bodies.items()} == {
        language: make_variant(problem, 7, language=language) for language in ("en", "de")
    }
    ready = unpack(bodies["en"])
    responses = {part.id: part.answer_text for part in ready.parts if part.type != "choice"}
    for run in (grade_within, prove_within):
        assert run(isolation, "id: [", 7, responses, ready=lambda *_: ready) == grade(ready, responses)
    with pytest.raises(BankErrors):
        pack_within(isolation, "id: [", 7)


def translated() -> str:
    """The text of the first problem of the bank that is in German too."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(Path("problems").rglob("*.yaml")))
    return next(text for text in texts if "\n  de: " in text)


def test_errors_of_the_caller_and_the_author_come_through(isolation: Isolation) -> None:
    with pytest.raises(InvalidRequest, match="no part"):
        grade_variant_within(isolation, ALL, {"nothing": "1"})
    with pytest.raises(BankErrors):
        grade_within(isolation, "id: [", 1, {})


def test_a_pair(isolation: Isolation) -> None:
    pair = Pair("2x", "3x", id="7", variables={"x": {}})
    found, expected = judge_within(isolation, pair), judge(pair)
    assert replace(found, elapsed_ms=0) == replace(expected, elapsed_ms=0)
    with pytest.raises(InvalidRequest):
        judge_within(isolation, Pair("2x", "3x +"))


def test_computer_algebra_fits_into_the_memory_of_a_child(isolation: Isolation) -> None:
    pair = Pair("sin(x)^4 - cos(x)^4 + erf(x)", "erf(x) - cos(2x)", variables={"x": {}})
    assert judge_within(isolation, pair, prove=True).outcome == "equal"


def test_a_proof_in_the_background_has_its_own_limits_and_result(isolation: Isolation) -> None:
    source = PROBLEM.read_text(encoding="utf-8")
    made = make_variant(load_problem(source), 7)
    responses = {part.id: part.answer_text for part in made.parts if part.type != "choice"}
    assert prove_within(isolation, source, 7, responses) == grade(made, responses)


ROUNDED_TWICE = """
id: rounded-twice
title: Rounded twice
topic: derivatives
family: "2.1"
level: drill
prompt: Simplify.
variables: {x: {}}
parts:
  - {id: whole, ask: "$r$", type: expression, answer: "floor(x)", points: 1}
  - {id: sum, ask: "$s$", type: number, answer: "3", points: 1}
solution: A whole number stays as it is.
examples:
  - {seed: 1, responses: {whole: "1"}, marks: {whole: 0}}
"""


def test_what_rests_on_agreement_is_proved_in_the_background(isolation: Isolation) -> None:
    responses = {"whole": "floor(floor(x))", "sum": "1 + 2"}
    judged, proved = (run(isolation, ROUNDED_TWICE, 1, responses) for run in (grade_within, prove_within))
    assert [part.outcome for part in judged.parts] == [part.outcome for part in proved.parts] == ["equal", "equal"]
    assert [part.evidence.kind for part in judged.parts if part.evidence] == ["agreement", "proved"]
    assert [part.evidence.kind for part in proved.parts if part.evidence] == ["proved", "proved"]


def test_a_child_ends_by_itself_when_nobody_kills_it() -> None:
    with Isolation(Limits(seconds=60)) as opened:
        processor, core, memory = opened.start(limits_of_the_process)()
        assert 60 < processor < 80
        assert core == 0
        assert memory < 600
        with pytest.raises(GivenUp, match="process that judged it ended"):
            opened.start(spin)()
        assert opened.start(own_number)()


def test_a_defect_is_not_hidden(isolation: Isolation) -> None:
    with pytest.raises(ZeroDivisionError):
        isolation.start(fail)()


def test_children_are_replaced_after_some_tasks() -> None:
    with Isolation(Limits(tasks=2)) as opened:
        numbers = {opened.start(own_number)() for _ in range(3)}
    assert len(numbers) > 1


def test_what_is_closed_judges_nothing_and_opens_again() -> None:
    isolation = Isolation()
    with pytest.raises(JudgeStopped, match="not running"):
        isolation.start(own_number)()
    with pytest.raises(JudgeStopped):  # which is no verdict on the pair
        judge_within(isolation, Pair("x", "x"))
    with isolation:
        first = isolation.start(own_number)()
    with isolation:
        assert isolation.start(own_number)() != first


def test_a_child_that_is_killed_from_outside_says_nothing_about_the_answer() -> None:
    """As the kernel does for want of memory: the task is begun again, and given up when it happens each time."""
    with Isolation(Limits(seconds=60)) as opened:
        with TemporaryDirectory() as folder:
            assert opened.start(kill_once, folder)() == "done"
        with pytest.raises(GivenUp, match="process that judged it ended"):
            opened.start(kill_oneself)()
        assert opened.start(own_number)()


def test_a_long_queue_is_no_broken_pool() -> None:
    """Who has waited too long gets nothing, and what is judged meanwhile is judged to its end."""
    with Isolation(Limits(seconds=3, waiting_seconds=0)) as opened:
        first = opened.start(own_number, seconds=30)()
        busy = [opened.start(sleep, 1) for _ in range(6)]
        with ThreadPoolExecutor(len(busy)) as pool:
            ends = [pool.submit(wait) for wait in busy]
            told = [end.exception() for end in ends]
        assert told[0] is None
        assert isinstance(told[-1], JudgeStopped)
        assert opened.start(own_number, seconds=20)() == first, "no others were started"


def test_a_pool_that_takes_nothing_on_is_replaced() -> None:
    with Isolation(Limits(seconds=1, waiting_seconds=0)) as opened:
        first = opened.start(own_number, seconds=30)()
        os.kill(first, signal.SIGSTOP)
        with pytest.raises(JudgeStopped):
            opened.start(own_number)()
        assert opened.start(own_number, seconds=30)() != first


def test_closing_while_something_is_judged_is_no_verdict() -> None:
    opened = Isolation(Limits(seconds=60)).open()
    wait = opened.start(spin)
    opened.close()
    with pytest.raises(JudgeStopped):
        wait()
    with pytest.raises(JudgeStopped):
        grade_variant_within(opened, ALL, RESPONSES)
