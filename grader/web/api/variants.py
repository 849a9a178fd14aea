"""A variant as a program sees it: without the keys for whoever must not see them."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from grader.bank.variant import Variant, VariantPart, variant_to_json
from grader.web.api.schemas import Points, Shown


class OptionShown(Shown):
    """One option of a choice."""

    id: str
    text: str


class VariantPartShown(Shown):
    """One question; `answer`, `solution`, `feedback` and `settings` are null for students."""

    id: str = Field(examples=["jacobian"])
    type: str = Field(examples=["matrix"])
    ask: str = Field(description="Markdown with LaTeX.", examples=["$J_F(x, y)$"])
    points: Points
    shape: tuple[int, int] | None = Field(description="Rows and columns of a vector or matrix.", examples=[[2, 2]])
    variables: dict[str, Any] = Field(description="The names that may be typed, and where they lie.")
    notation: dict[str, Any] = Field(description="What else about the notation is set.")
    options: list[OptionShown]
    answer: str | None = Field(description="The key as a student would type it.", examples=["[[2*x*y, x^2], [5, 0]]"])
    solution: str | None
    feedback: dict[str, str] | None
    settings: dict[str, Any] | None
    notes: list[str] = Field(default=[], description="How the answer is to be written, in Markdown.")


class VariantShown(Shown):
    """A problem at a seed; `seed`, `parameters` and `solution` are null for students, as are the keys."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "jacobian-polynomial-map",
                    "version": "9f2c…",
                    "seed": 7,
                    "title": "Jacobian of a polynomial map",
                    "parameters": {"a": "1", "b": "5"},
                    "prompt": "Let $F(x, y) = (x^2 y, 5 x + \\sin x)$. Find its Jacobian.",
                    "parts": [
                        {
                            "id": "jacobian",
                            "type": "matrix",
                            "ask": "$J_F(x, y)$",
                            "points": 2,
                            "shape": [2, 2],
                            "variables": {"x": {}, "y": {}},
                            "notation": {},
                            "options": [],
                            "answer": "[[2*x*y, x^2], [5 + cos(x), 0]]",
                            "solution": "",
                            "feedback": {},
                            "settings": {},
                        }
                    ],
                    "hints": [],
                    "solution": "Row by row.",
                }
            ]
        }
    )

    id: str = Field(description="The problem's id.")
    version: str = Field(description="The hash of the problem's text.")
    seed: int | None
    title: str
    parameters: dict[str, str] | None
    prompt: str = Field(description="Markdown with LaTeX.")
    language: str = Field(default="en", description="The language of the texts.")
    given: list[str] = Field(default=[], description="What is known of the variables, in Markdown.")
    figures: list[dict[str, Any]] = Field(default=[], description="Figures below the prompt, as data.")
    parts: list[VariantPartShown]
    hints: list[str]
    solution: str | None


def show_variant(variant: Variant, *, with_keys: bool) -> VariantShown:
    """The variant; without the keys there is nothing in it that a student's page does not show."""
    data = variant_to_json(variant)
    parts = [_part(part, shown, with_keys=with_keys) for part, shown in zip(variant.parts, data["parts"], strict=True)]
    hidden = {} if with_keys else {"seed": None, "parameters": None, "solution": None}
    return VariantShown.model_validate({**data, **hidden, "parts": parts})


def _part(part: VariantPart, data: dict[str, Any], *, with_keys: bool) -> dict[str, Any]:
    hidden = {} if with_keys else {"answer": None, "solution": None, "feedback": None, "settings": None}
    return {**data, **hidden, "shape": part.shape}
