"""A variant is a pure function of the problem and the seed, the same bytes for ever."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from hashlib import sha256

import pytest

from grader.bank.loading import load_problem
from grader.bank.variant import variant_bytes, variant_to_json
from grader.bank.variants import make_variant, make_variant_with
from grader.errors import BankErrors
from tests.bank.samples import SOUND, spoiled

SEED = 7
GOLDEN_PARAMETERS = {"a": "6", "b": "3", "side": "right"}
GOLDEN_BYTES = "81e3b45b0c4af91fe00dcb43a14d908dd3d5d92f597271b497a868c6f6a1a079"
PROBLEM = load_problem(SOUND, "sample.yaml")


def test_the_parameters_of_a_seed_never_change() -> None:
    assert make_variant(PROBLEM, SEED).parameters == GOLDEN_PARAMETERS


def test_the_bytes_of_a_variant_never_change() -> None:
    assert sha256(variant_bytes(make_variant(PROBLEM, SEED))).hexdigest() == GOLDEN_BYTES


def test_another_process_with_another_hash_seed_makes_the_same_bytes() -> None:
    program = (
        "import sys; from hashlib import sha256; from grader.bank.loading import load_problem;"
        "from grader.bank.variant import variant_bytes; from grader.bank.variants import make_variant;"
        "print(sha256(variant_bytes(make_variant(load_problem(sys.stdin.read(), 'x'), 7))).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=SOUND,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {GOLDEN_BYTES}


def test_a_variant_holds_what_a_student_needs() -> None:
    variant = make_variant_with(PROBLEM, {"a": "3", "b": "-1", "side": "left"})
    assert variant.prompt.startswith("Let $f(x) = 3 x^{2} - x$. Look to the left.")
    assert [part.answer_text for part in variant.parts] == ["6*x - 1", "5", "convex"]
    assert variant.solution == "$f'(x) = 6 x - 1$, and so $f'(1) = 5$.\n"
    assert variant.max_score == 4
    derivative, _, shape = variant.parts
    assert derivative.task == {"derivative": "3*x^2 - x", "by": "x"}
    assert derivative.feedback == {"wrong": "Use the power rule on each term."}
    assert derivative.vocabulary.names == frozenset({"x"})
    assert shape.options == (("convex", "convex"), ("concave", "concave"), ("neither", "neither"))


def test_a_variant_is_json_and_travels_between_processes() -> None:
    variant = make_variant(PROBLEM, SEED)
    assert json.loads(json.dumps(variant_to_json(variant)))["parts"][0]["points"] == 2
    assert pickle.loads(pickle.dumps(variant)) == variant
    assert pickle.loads(pickle.dumps(PROBLEM)).version == PROBLEM.version


def test_seeds_of_any_size_give_variants_that_meet_the_conditions() -> None:
    for seed in (0, 1, -5, 2**63, 2**200):
        parameters = make_variant(PROBLEM, seed, verify=False).parameters
        assert parameters["a"] != parameters["b"]


def test_the_version_is_of_the_content_and_not_of_the_line_endings() -> None:
    assert load_problem(SOUND.replace("\n", "\r\n"), "x").version == PROBLEM.version
    assert load_problem(SOUND + "# more\n", "x").version != PROBLEM.version


def test_mending_a_text_leaves_the_numbers_of_a_seed() -> None:
    mended = load_problem(spoiled("Find $f'(x)$.\nparts", "Find the derivative.\nparts"), "x")
    assert make_variant(mended, SEED).parameters == make_variant(PROBLEM, SEED).parameters


def test_a_condition_that_never_holds_is_named() -> None:
    problem = load_problem(spoiled('where: ["a != b"]', 'where: ["a != b", "a > 100"]'), "x.yaml")
    with pytest.raises(BankErrors) as caught:
        make_variant(problem, 0)
    (error,) = caught.value.errors
    assert "this one failed" in error.message
    assert (error.file, error.line, error.column) == ("x.yaml", 12, 19)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("at: {x: 1}}", 'at: {x: "1/(a-a)"}}', 16, "division by zero: 1/"),
        ("at: {x: 1}}", 'at: {x: "ln(a-a)"}}', 16, "no real value"),
        ('f: "a*x^2 + b*x"', 'f: "a*x^2 + b*x/(a - a)"', 14, "division by zero: "),
        ("answer: df", 'answer: "[a, b]"', 25, "not an expression"),
        (
            "type: number\n    answer: slope",
            "type: matrix\n    answer: slope",
            31,
            "The answer is a number, not a matrix.",
        ),
        ("type: number\n    answer: slope", "type: set\n    answer: [a, b]", 31, "a vector of 2 entries, not a set."),
        ('f: "a*x^2 + b*x"', 'f: "a*floor(x!) + b*x"', 15, "no rule"),
        ("type: number\n    answer: slope", "type: number\n    answer: f", 31, "no number: it contains x"),
        ('where: ["a != b"]', 'where: ["ln(a - a) > 0"]', 12, "cannot be decided"),
        ('where: ["a != b"]', 'where: ["1/(a - a) > 0"]', 12, "division by zero"),
        ('convex: "convex", ', "", 37, "The answer is 'convex'"),
    ],
)
def test_a_quantity_without_a_value_is_a_fault_at_its_line(old: str, new: str, line: int, says: str) -> None:
    problem = load_problem(spoiled(old, new), "x.yaml")
    with pytest.raises(BankErrors) as caught:
        make_variant(problem, 0)
    assert any(error.line == line and says in error.message for error in caught.value.errors), str(caught.value)


def test_parameters_that_are_missing_are_named() -> None:
    with pytest.raises(BankErrors, match="'b'"):
        make_variant_with(PROBLEM, {"a": "3"})
