"""All mistakes that are recognised, in the order in which they are said where several fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake by its id: what it means, what the student is told, and a task with a response that shows it.

    In place of the task stands the right word where the answer is one.
    """

    id: str
    meaning: str
    sentence: str
    example: tuple[Mapping[str, Any] | str, str]


def _derivative(function: str, by: str = "x", **more: Any) -> dict[str, Any]:
    return {"derivative": function, "by": by, **more}


_BOWL = {"descent": "x^2 + 2*y^2", "by": ["x", "y"], "start": ["2", "1"], "rate": "0.1", "steps": 2}
_PARABOLA = {"descent": "x^2", "by": "x", "start": ["3"], "rate": "0.1", "steps": 3}
_SADDLE = {"hessian": "x^2 + x*y", "by": ["x", "y"]}

MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "transposed",
        "rows and columns are exchanged",
        "The entries are right, but rows and columns are exchanged.",
        ({"jacobian": ["x^2*y", "5*x"], "by": ["x", "y"]}, "[[2*x*y, 5], [x^2, 0]]"),
    ),
    Mistake(
        "hessian-off-diagonal",
        "the mixed derivatives off the diagonal of a Hessian",
        "The diagonal of the Hessian is right, the mixed derivatives off it are not.",
        (_SADDLE, "[[2, 0], [0, 0]]"),
    ),
    Mistake(
        "order-too-low",
        "fewer derivatives were taken than asked for",
        "This is of lower order than asked for: count once more how often to differentiate.",
        (_derivative("x^4", order=2), "4*x^3"),
    ),
    Mistake(
        "taylor-factorial-missing",
        "coefficients of a Taylor polynomial without their factorials",
        "The derivative of order k is divided by k! in a Taylor polynomial.",
        ({"taylor": "e^x", "by": "x", "around": "0", "degree": 3}, "1 + x + x^2 + x^3"),
    ),
    Mistake(
        "ascent",
        "a step along the gradient in place of against it",
        "You went uphill: a descent step goes against the gradient.",
        (_PARABOLA, "[3.6, 4.32, 5.184]"),
    ),
    Mistake(
        "rate-forgotten",
        "a step without the learning rate",
        "The gradient is to be multiplied by the learning rate before it is subtracted.",
        (_PARABOLA, "[-3, 3, -3]"),
    ),
    Mistake(
        "gradient-not-updated",
        "every step with the gradient of the start",
        "The gradient is to be worked out afresh at every point that is reached.",
        (_PARABOLA, "[2.4, 1.8, 1.2]"),
    ),
    Mistake(
        "sequential-update",
        "a coordinate changed with others that were changed already",
        "All coordinates change at once: every entry of the gradient is taken at the old point.",
        ({**_BOWL, "descent": "x^2 + x*y", "steps": 1}, "[[1.5, 0.85]]"),
    ),
    Mistake(
        "momentum-sign",
        "the momentum with the other sign",
        "The momentum adds to the step; here it has the other sign.",
        ({**_PARABOLA, "momentum": "0.5", "steps": 2}, "[2.4, 2.22]"),
    ),
    Mistake(
        "step-too-many",
        "one step more than asked for",
        "These are more steps than asked for.",
        ({**_PARABOLA, "steps": 2}, "1.536"),
    ),
    Mistake(
        "step-too-few",
        "one step less than asked for",
        "These are fewer steps than asked for.",
        (_PARABOLA, "1.92"),
    ),
    Mistake(
        "trig-sign",
        "the sign of the derivative of a trigonometric function",
        "The derivative of a trigonometric function has the other sign: sine gives cosine, cosine gives minus sine.",
        (_derivative("cos(x)"), "sin(x)"),
    ),
    Mistake(
        "quotient-sign",
        "a sign in the numerator of the quotient rule",
        "A sign in the quotient rule is wrong: its numerator is u'v - uv', in this order.",
        (_derivative("sin(x)/x"), "(x*cos(x) + sin(x))/x^2"),
    ),
    Mistake(
        "inner-derivative-missing",
        "the chain rule without its inner derivative",
        "An inner derivative is missing: by the chain rule the derivative of the outer function is multiplied by that "
        "of the inner one.",
        (_derivative("(3*x + 1)^2"), "2*(3*x + 1)"),
    ),
    Mistake(
        "product-rule-as-product",
        "the derivatives of the factors were multiplied",
        "The derivative of a product is not the product of the derivatives: use (uv)' = u'v + uv'.",
        (_derivative("x^2*sin(x)"), "2*x*cos(x)"),
    ),
    Mistake(
        "sign-flipped",
        "the whole answer with the other sign",
        "The sign is wrong.",
        (_derivative("x^2 - 3*x"), "3 - 2*x"),
    ),
    Mistake(
        "matrix-transpose-lost",
        "a transpose of a matrix is missing or too many",
        "A transpose is missing or too many.",
        ({"matmul": ["[[1, 2], [3, 4]]^T", "[[0, 1], [1, 1]]"]}, "[[2, 3], [4, 7]]"),
    ),
    Mistake(
        "matrix-order-swapped",
        "matrices multiplied in another order",
        "The matrices are multiplied in another order, and that matters.",
        ({"matmul": ["[[1, 2], [3, 4]]", "[[0, 1], [2, 1]]"]}, "[[3, 4], [5, 8]]"),
    ),
    Mistake(
        "wrong-variable",
        "the derivative by another variable",
        "This is the derivative by another variable.",
        (_derivative("x^2*y^3"), "3*x^2*y^2"),
    ),
    Mistake(
        "wrong-point",
        "another point was put in: permuted, with other signs, zero, or one coordinate for all",
        "The derivative is right but another point was put in: compare the coordinates, their signs and their order.",
        ({"gradient": "x^2*y", "by": ["x", "y"], "at": {"x": "1", "y": "3"}}, "[6, 9]"),
    ),
    Mistake(
        "exponent-not-lowered",
        "the power rule without lowering the exponent",
        "In the power rule the exponent goes down by one.",
        (_derivative("x^3 + x"), "3*x^3 + 1"),
    ),
    Mistake(
        "exponent-factor-missing",
        "the power rule without the exponent as a factor",
        "In the power rule the old exponent becomes a factor.",
        (_derivative("x^3 + x"), "x^2 + 1"),
    ),
    Mistake(
        "base-factor-missing",
        "the logarithm of the base is missing",
        "For a base other than e the logarithm of the base has a part in the derivative.",
        (_derivative("2^x"), "2^x"),
    ),
    Mistake(
        "not-evaluated",
        "the point was not put in",
        "The value at the point is asked for: put the coordinates in.",
        (_derivative("x^3", at={"x": "2"}), "3*x^2"),
    ),
    Mistake(
        "degrees",
        "angles in degrees in place of radians",
        "Angles are in radians here; set your calculator from degrees to radians.",
        (_derivative("sin(x)", at={"x": "2"}), "0.99939"),
    ),
    Mistake(
        "exp-as-power",
        "the power rule used on an exponential function",
        "The variable is in the exponent, so this is an exponential function and the power rule does not apply.",
        (_derivative("e^x + x"), "x*e^(x - 1) + 1"),
    ),
    Mistake(
        "not-differentiated",
        "the function itself in place of its derivative",
        "This is the function itself: it still has to be differentiated.",
        (_derivative("x^3 + x"), "x^3 + x"),
    ),
    Mistake(
        "integrated-instead",
        "an antiderivative in place of a derivative",
        "This is an antiderivative: you integrated where the derivative is asked for.",
        (_derivative("x^3"), "x^4/4"),
    ),
    Mistake(
        "mean-factor-lost",
        "the one over n of a mean was lost",
        "The factor in front of the sum, one over the number of terms, got lost.",
        (_derivative("((w - 1)^2 + (w - 3)^2)/2", "w"), "2*(w - 1) + 2*(w - 3)"),
    ),
    Mistake(
        "term-missing",
        "one term is missing",
        "A term is missing.",
        (_derivative("x^2*sin(x)"), "2*x*sin(x)"),
    ),
    Mistake(
        "quotient-as-quotient",
        "the derivatives of numerator and denominator were divided",
        "The derivative of a quotient is not the quotient of the derivatives: use (u/v)' = (u'v - uv')/v^2.",
        (_derivative("sin(x)/x^2"), "cos(x)/(2*x)"),
    ),
    Mistake(
        "denominator-not-squared",
        "the quotient rule without the square in the denominator",
        "In the quotient rule the denominator is squared.",
        (_derivative("sin(x)/x"), "(x*cos(x) - sin(x))/x"),
    ),
    Mistake(
        "constant-kept",
        "a constant term was kept",
        "The derivative of a constant is zero; what does not depend on the variable counts as a constant.",
        (_derivative("x^2 + 5"), "2*x + 5"),
    ),
    Mistake(
        "log-derivative-wrong",
        "a wrong derivative of the logarithm",
        "The derivative of the logarithm is not right: look up (ln u)', and put in the whole argument for u.",
        (_derivative("x + ln(x)"), "1 + 1/ln(x)"),
    ),
    Mistake(
        "convex-concave-swapped",
        "convex and concave, or positive and negative, exchanged",
        "Look again at the signs of the curvature: what bends upwards is convex, what bends downwards is concave.",
        ({"convexity": "x^2", "by": "x"}, "concave"),
    ),
    Mistake(
        "critical-point-kind-wrong",
        "another kind of critical point",
        "The point is critical, but of another kind: look at the signs of the second derivatives in all directions.",
        ("saddle", "minimum"),
    ),
    Mistake(
        "not-normalised",
        "a direction that is not of length one",
        "The direction has to be made a unit vector first.",
        ({"directional": "x^2 + x*y", "by": ["x", "y"], "along": ["3", "4"], "at": {"x": "1", "y": "2"}}, "16"),
    ),
    Mistake(
        "constant-factor",
        "right up to a rational factor",
        "Your answer is right up to a constant factor.",
        (_derivative("x^2/2 + 3*x"), "2*x + 6"),
    ),
)
