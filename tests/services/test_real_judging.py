"""A problem of the bank from its file to marks in the table, with the real judge."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.grading import Result, grade
from grader.services import assignments, attempts, results, submissions
from grader.services.assignments import ChosenProblem
from grader.services.policies import Progress
from grader.services.problems import source_of
from grader.services.spreadsheets import as_csv
from tests.factories import Scene, SteadyClock, outcomes

PROBLEM = """
id: slope-of-a-parabola
title: Slope of a parabola
topic: derivatives
family: "2.1"
level: drill
variables:
  x: {}
parameters:
  a: {integer: [2, 9]}
prompt: |
  Let $f(x) = {{ f }}$.
derived:
  f: "a*x^2"
parts:
  - id: slope
    ask: "$f'(x)$"
    type: expression
    answer: {derivative: f, by: x}
    points: 2
  - id: rate
    ask: "$f'(1)$"
    type: number
    answer: "2*a"
    points: 1
solution: |
  $f'(x) = 2 \\cdot {{ a }} x$.
examples:
  - seed: 1
    responses: {slope: "x"}
    marks: {slope: 0}
"""


def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    return grade(make_variant(load_problem(source), seed), responses)


def test_from_the_file_to_the_table(session: Session, clock: SteadyClock) -> None:
    scene = Scene(session, clock)
    ada = scene.add_person()
    problem = source_of(load_problem(PROBLEM))
    assert problem.parts == ("slope", "rate")
    args = (session, clock, scene.teacher, scene.course_id)
    view = assignments.create_assignment(*args, "Week 1", [ChosenProblem(problem)])
    attempt = attempts.open_attempt(session, clock, ada, view.id, problem.id)
    variant = make_variant(load_problem(attempt.problem_source), attempt.seed)
    a = int(variant.parameters["a"])
    first = submissions.submit(session, clock, judge, ada, attempt.id, {"slope": f"{2 * a} x", "rate": "2 *"})
    assert outcomes(first) == {"slope": "equal", "rate": "invalid"}
    second = submissions.submit(session, clock, judge, ada, attempt.id, {"rate": f"{2 * a + 1}"})
    assert outcomes(second) == {"slope": "unanswered", "rate": "different"}
    third = submissions.submit(session, clock, judge, ada, attempt.id, {"rate": f"{2 * a}"})
    seen = attempts.attempt(session, clock, ada, attempt.id)
    assert (seen.progress, seen.points, seen.tries_used) == (Progress.SOLVED, 3, 3)
    assert third.result is not None
    assert Result.from_json(third.result) == judge(attempt.problem_source, attempt.seed, third.responses)
    assert as_csv(results.assignment_results(session, scene.teacher, view.id)).endswith(",3,3\r\n")
