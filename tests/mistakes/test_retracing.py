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
