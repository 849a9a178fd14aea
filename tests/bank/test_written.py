"""Written parts in a problem file: criteria that earn the points, no key, and a person at the end."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.checking.verdict import PersonReads
from grader.errors import BankErrors
from grader.grading import grade
from grader.services.gradings import may_be_proved
from grader.web.fields import field_of
from grader.web.parts import answer_of

PROBLEM = """
id: why-one-pass
title: Why one pass is enough
topic: understanding
family: "9.3"
level: standard
prompt: "A loss depends on many weights."
parts:
  - id: reason
    ask: "Why is one backward pass enough?"
    type: written
    points: 2
    rubric:
      - {points: 1.5, text: "A loss is one number, so its Jacobian has one row."}
      - {points: 0.5, text: "A backward pass gives one row."}
"""


def test_a_written_part_waits_for_a_person() -> None:
    variant = make_variant(load_problem(PROBLEM, "x"), 1)
    result = grade(variant, {"reason": "Because the Jacobian has one row."}).parts[0]
    assert (result.outcome, result.score, result.max_score) == ("undecided", 0, Fraction(2))
    assert result.evidence == PersonReads(2)
    assert result.read_as == "Because the Jacobian has one row."
    assert result.read_as_mathml == ""
    assert not may_be_proved(result)


def test_it_is_typed_into_a_box_and_its_answer_is_the_rubric() -> None:
    part = make_variant(load_problem(PROBLEM, "x"), 1).parts[0]
    assert field_of(part, "Because").kind == "text"
    assert "1.5 points: A loss is one number" in answer_of(part)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points: 2\n", "points: 3\n", "earn 2 points, the part 3"),
        ("points: 2\n", "points: 2\n    answer: x\n", "has no key"),
        ("points: 1.5", "points: -1.5", "above 0"),
        ("{points: 0.5, text", "{points: 0.5, txt", "txt"),
        ("    rubric:", "    form:", "form"),
        (PROBLEM[PROBLEM.index("    rubric") :], "", "needs a `rubric`"),
    ],
)
def test_faults_are_named(old: str, new: str, said: str) -> None:
    with pytest.raises(BankErrors) as caught:
        load_problem(PROBLEM.replace(old, new), "x")
    assert said in str(caught.value)
