"""Mistakes in answers that are worked out from several quantities of a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.loading import load_file
from grader.bank.variants import make_variant_with
from grader.grading import grade_part

PROBLEMS = Path(__file__).parents[2] / "problems"
STEP = ("gradients/one-weight-one-step", {"a": "2", "b": "1", "s": "0", "eta": "0.1"}, "step")

CLIPPED = (
    "descent/gradient-clipping",
    {"m": "2", "n": "1", "scale": "2", "sx": "-1", "sy": "-1", "c": "1", "p": "0", "q": "0", "eta": "0.1"},
    "next",
)
DIRECTION = (
    "gradients/steepest-ascent-on-bowl",
    {"c": "6", "m": "4", "n": "1", "sx": "1", "sy": "-1", "swap": "0"},
    "direction",
)
SHAPED = ("jacobians/layer-with-activation", {"M": "[[-3, 2], [1, -4]]", "p": "2", "q": "-2"}, "sums")
OUTER = ("losses/least-squares-row-on-data", {"F": "[[2, 1], [2, 3]]", "y": "[1, 5]", "s": "2", "t": "-1"}, "outer")
VALLEY = ("gradients/gradient-in-a-curved-valley", {"a": "-2", "b": "4", "p": "1", "q": "2", "eta": "0.005"}, "value")

RATES = ("descent/promise-of-several-rates", {"a": "3", "p": "7", "s": "0.01"}, "table")
MOMENTUM = ("descent/momentum-steps", {"a": "3", "p": "3", "eta": "0.1", "b": "0.5"}, "second")
FIRST = (*MOMENTUM[:2], "first")
CLOSED = ("descent/steps-until-close", {"a": "2", "c": "-1", "d": "2", "t": "0.3", "h": "4", "steps": "11"}, "formula")
TWO_WEIGHTS = ("descent/descent-two-weights", {"c": "2", "d": "-3", "m": "3", "eta": "0.05", "k": "3"}, "loss")
MEAN = (
    "descent/regression-one-weight",
    {"xa": "3", "xb": "-3", "xc": "3", "ya": "6", "yb": "2", "yc": "-5", "w": "-1", "eta": "0.15"},
    "next",
)
ENTRIES = (
    "matrix-calculus/quadratic-in-entries",
    {"a": "-2", "b": "3", "c": "2", "P": "[[-1, -2], [-1, 1]]"},
    "value",
)
TWO_TERMS = (
    "matrix-calculus/gradient-of-linear-and-square",
    {"a": "[-3, 5, 4]", "k": "3", "p": "[-2, 2, 0]"},
    "value",
)
EIGENVALUES = ("descent/converging-rates-coupled", {"a": "3", "b": "-2", "d": "5"}, "eigenvalues")
BOWL = ("convexity/hessian-eigenvalues", {"a": "1", "b": "1", "c": "1"}, "eigenvalues")
SLOPES = ("derivatives/taylor-of-exponential", {"a": "2", "k": "2", "b": "2"}, "values")
TWO_POINTS = (
    "losses/one-weight-two-points",
    {"p": "2", "q": "1", "r": "-3", "s": "-1", "t": "-1", "eta": "0.01"},
    "step",
)
ROW = (
    "gradients/gradient-row-at-point",
    {"a": "-2", "b": "-2", "c": "1", "p": "-1", "q": "-1", "r": "-3", "u": "-1", "v": "-2", "w": "-2"},
    "product",
)
HOLE = ("limits/limit-removable-quotient", {"a": "3", "p": "-5", "q": "-4"}, "simple")


@pytest.mark.parametrize(
    ("where", "response", "mistake"),
    [
        (STEP, "0.4", None),
        (STEP, "-0.4", "ascent"),
        (CLIPPED, "[-0.06, -0.08]", "ascent"),
        (CLIPPED, "[0.6, 0.8]", "rate-forgotten"),
        (DIRECTION, "[15, -8]", "not-normalised"),
        (DIRECTION, "[15/16, -8/17]", None),
        (SHAPED, "[10, -10]", "sign-flipped"),
        (SHAPED, "[10, 10]", None),
        (OUTER, "[-2, 4]", "constant-factor"),
        (OUTER, "[-4/3, 8/3]", None),
        (VALLEY, "[2(x+2)-16x(y-x^2), 8(y-x^2)]", "not-evaluated"),
        (VALLEY, "[10, -8]", "sign-flipped"),
        (STEP, "4", "rate-forgotten"),
        (STEP, "0.48", "step-too-many"),
        (STEP, "0.2", "inner-derivative-missing"),
        (STEP, "0.37", None),
        (RATES, "[[17.64, 18.1692], [35.28, 37.3968]]", "ascent"),
        (RATES, "[[-4.41, -8.6877], [-8.82, -17.1108]]", "exponent-factor-missing"),
        (RATES, "[[17.64, 18.1692], [35.28, -37.3968]]", None),
        (MOMENTUM, "0.18, 1.38", "momentum-sign"),
        (MOMENTUM, "0.18, 1.02", None),
        (FIRST, "-0.9, 2.1", "exponent-factor-missing"),
        (FIRST, "-0.9, 3.9", None),
        (CLOSED, "2*0.4^(k+1) - 1", "step-too-many"),
        (CLOSED, "2*0.4^(k-1) - 1", "step-too-few"),
        (CLOSED, "2*0.4^(2k) - 1", None),
        (TWO_WEIGHTS, "9.11", "step-too-few"),
        (TWO_WEIGHTS, "3.28", "step-too-many"),
        (MEAN, "6.2", "mean-factor-lost"),
        (ENTRIES, "[[2, -3], [-6, 2]]", "exponent-factor-missing"),
        (ENTRIES, "[[2, -3], [-6, 6]]", None),
        (TWO_TERMS, "[-9, 11, 4]", "exponent-factor-missing"),
        (TWO_TERMS, "[-9, 11, 5]", None),
        (EIGENVALUES, "1, 5", "exponent-factor-missing"),
        (BOWL, "3/2, 5/2", "hessian-off-diagonal"),
        (BOWL, "0, 2", "exponent-factor-missing"),
        (SLOPES, "2, 4, 8", None),
        (TWO_POINTS, "-1.04", "mean-factor-lost"),
        (TWO_POINTS, "-1.039", "step-too-many"),
        (ROW, "-20", "exponent-factor-missing"),
        (HOLE, "x+4", "constant-factor"),
    ],
)
def test_a_mistake_on_the_way_is_recognised(
    where: tuple[str, dict[str, str], str], response: str, mistake: str | None
) -> None:
    path, parameters, part_id = where
    variant = make_variant_with(load_file(PROBLEMS / f"{path}.yaml"), parameters, verify=False)
    part = variant.part(part_id)
    assert part is not None
    assert grade_part(part, response).mistake == mistake
