"""Variants made by hand, so that grading is tested without a bank."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from grader.answers.choice import options_tree
from grader.bank.variant import Variant, VariantPart
from grader.reading.text import read


def part(id: str, type: str, answer: str, points: str = "1", **fields: Any) -> VariantPart:
    """A part whose key is typed; of a choice, the ids."""
    key = options_tree(tuple(answer.split(", "))) if type == "choice" else read(answer).tree
    return VariantPart(id, type, f"ask {id}", Fraction(points), key, answer, **fields)


def variant(*parts: VariantPart) -> Variant:
    """A variant with these parts."""
    return Variant("made-by-hand", "0" * 64, 1, "Made by hand", {}, "Find it.", parts)


JACOBIAN = part(
    "jacobian",
    "matrix",
    "[[2x*y, x^2], [5 + cos(x), 0]]",
    "2",
    variables={"x": {}, "y": {}},
    feedback={"wrong": "Row i holds component i.", "right": "Well done.", "partial": "Nearly."},
)
KIND = part(
    "kind",
    "choice",
    "convex",
    options=(("convex", "it is convex"), ("concave", "it is concave"), ("neither", "neither")),
)
VALUE = part("value", "number", "1/3", "1/2", settings={"tolerance": {"decimal_places": 2}})
