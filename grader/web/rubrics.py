"""The rubric of a written answer as a page shows it, and what its criteria earn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from grader.answers.tolerance import exact_amount
from grader.answers.written import WrittenSettings
from grader.bank.variant import VariantPart
from grader.errors import InvalidRequest
from grader.grading import settings_of
from grader.web.typesetting import line_to_html


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion with its place in the rubric."""

    place: int
    points: Fraction
    text: Markup


def rubric_of(part: VariantPart) -> tuple[CriterionView, ...]:
    """The criteria of a part; none where it has no rubric."""
    settings = settings_of(part)
    if not isinstance(settings, WrittenSettings):
        return ()
    return tuple(
        CriterionView(place, exact_amount(criterion.points), line_to_html(criterion.text))
        for place, criterion in enumerate(settings.rubric or ())
    )


def earned(part: VariantPart, places: Collection[int]) -> Fraction:
    """The points of the criteria that are met; InvalidRequest where there is no such criterion."""
    points = {criterion.place: criterion.points for criterion in rubric_of(part)}
    if not set(places) <= set(points):
        raise InvalidRequest("There is no such criterion.", part.id)
    return sum((points[place] for place in set(places)), Fraction(0))
