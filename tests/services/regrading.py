"""A course in which a real problem was answered, for tests of clusters and regrades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.grading import Result, grade
from grader.services import assignments, attempts, background, submissions
from grader.services.access import Actor
from grader.services.assignments import AssignmentView, ChosenProblem
from grader.services.clusters import Place
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.worker import EmbeddedWorker
from tests.factories import Scene

PROBLEM = """
id: slope-of-a-line-to-a-power
title: Slope
topic: derivatives
family: "2.4"
level: drill
variables:
  x: {}
parameters:
  a: {integer: [2, 9]}
  b: {integer: [2, 9]}
where: ["a != b"]
prompt: |
  Let $f(x) = {{ f }}$.
derived:
  f: "a*x^2 + b*x"
parts:
  - id: slope
    ask: "$f'(x)$"
    type: expression
    answer: "2*a*x + b"
    points: 2
  - id: rate
    ask: "$f'(1)$"
    type: number
    answer: "2*a + b"
    points: 1
"""
MENDED = PROBLEM.replace('answer: "2*a + b"', 'answer: "2*a + b + 1"').replace("{{ f }}$", "{{ f }}$ again")
OTHER_NUMBERS = PROBLEM.replace("[2, 9]}\nwhere", "[12, 19]}\nwhere")


def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    return grade(make_variant(load_problem(source), seed), responses)


@dataclass
class Answered:
    """Students of a course with their attempts at one problem, and their numbers."""

    scene: Scene
    policy: Policy = field(default_factory=lambda: Policy(penalty=Fraction(1, 4)))
    assignment: AssignmentView = field(init=False)

    def __post_init__(self) -> None:
        scene = self.scene
        chosen = [ChosenProblem(source_of(load_problem(PROBLEM)), Fraction(6))]
        args = (scene.session, scene.clock, scene.teacher, scene.course_id)
        self.assignment = assignments.create_assignment(*args, "Slopes", chosen, self.policy)

    def answer(self, student: Actor, slope: str, rate: str = "") -> submissions.SubmissionView:
        """Send answers in, with the student's own numbers for `{a}` and `{b}`."""
        scene = self.scene
        attempt = attempts.open_attempt(
            scene.session, scene.clock, student, self.assignment.id, self.assignment.problems[0].problem_id
        )
        numbers = {
            name: int(value) for name, value in make_variant(load_problem(PROBLEM), attempt.seed).parameters.items()
        }
        texts = {"slope": slope.format(**numbers)}
        if rate:
            texts["rate"] = str(eval(rate, {}, numbers))
        return submissions.submit(scene.session, scene.clock, judge, student, attempt.id, texts)

    def place(self, part: str = "slope") -> Place:
        return Place(self.assignment.id, self.assignment.problems[0].problem_id, part)

    def scores(self) -> dict[int, Fraction]:
        """The points of each student for the assignment."""
        scene = self.scene
        return {
            student.user_id: assignments.assignment(scene.session, scene.clock, student, self.assignment.id).points
            for student in scene.students
        }


def worker(sessions: sessionmaker[Session], scene: Scene) -> EmbeddedWorker:
    return EmbeddedWorker(sessions, scene.clock, judge, background.handlers(scene.clock, judge))
