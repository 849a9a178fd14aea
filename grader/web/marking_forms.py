"""The form in which a person marks a part: what stands in its fields, what they hold at first, how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from werkzeug.datastructures import MultiDict

from grader.bank.variant import Variant, VariantPart
from grader.errors import InvalidRequest
from grader.services.marking import (
    LONGEST_COMMENT,
    LONGEST_REASON,
    MOST_CRITERIA,
    Given,
    Marking,
    MarkView,
    ReasonMissing,
)
from grader.web.errors import said
from grader.web.formats import FINITE, marks
from grader.web.rubrics import CriterionView, earned, rubric_of

POINTS, COMMENT, REASON, CRITERIA = "points-", "comment-", "reason-", "criteria-"
"""What the fields of a part are called, before the part's id."""


@dataclass(frozen=True, slots=True)
class PartForm:
    """The fields of one part; `present` is the mark that counts, `fault` what was wrong with what was sent.

    The judge has left `left_open` parts to a person; for others a reason is asked for.
    `faulty_field` is the field that the fault is about: "points", "reason" or "comment".
    """

    given: Given
    rubric: tuple[CriterionView, ...]
    present: MarkView | None
    left_open: bool
    fault: str = ""
    faulty_field: str = ""


def given_of(variant: Variant, form: MultiDict[str, str]) -> Mapping[str, Given]:
    """What stands in the fields, part by part; criteria that are ticked say the points where none are typed."""
    names = (name.removeprefix(POINTS) for name in form if name.startswith(POINTS))
    return {name: _given(variant.part(name), name, form) for name in names}


def forms_of(
    variant: Variant,
    marking: Marking,
    typed: Mapping[str, Given] | None = None,
    refused: InvalidRequest | None = None,
) -> Mapping[str, PartForm]:
    """The forms of all parts that can be marked; what was `typed` stands in them where it was refused."""
    forms = {}
    for part in variant.parts:
        if part.id not in marking.parts:
            continue
        present = marking.present.get(part.id)
        given = typed.get(part.id, Given()) if typed is not None else _held(present)
        is_at_fault = refused is not None and (refused.field == part.id or (not refused.field and not given.is_empty))
        fault = said(refused) if is_at_fault else ""
        field = _faulty_field(given, refused) if is_at_fault else ""
        forms[part.id] = PartForm(given, rubric_of(part), present, part.id in marking.left_open, fault, field)
    return forms


def _faulty_field(given: Given, refused: InvalidRequest | None) -> str:
    """Where the focus belongs once a mark was refused."""
    if isinstance(refused, ReasonMissing) or len(given.reason.strip()) > LONGEST_REASON:
        return "reason"
    return "comment" if len(given.comment.strip()) > LONGEST_COMMENT else "points"


def _given(part: VariantPart | None, name: str, form: MultiDict[str, str]) -> Given:
    places = tuple(int(text) for text in form.getlist(CRITERIA + name)[:MOST_CRITERIA] if text in _PLACES)
    points = form.get(POINTS + name, "")
    if places and part is not None and not points.strip():
        points = str(earned(part, places))
    return Given(points, form.get(COMMENT + name, ""), form.get(REASON + name, ""), places)


def _held(present: MarkView | None) -> Given:
    """The fields as the mark that counts was given."""
    if present is None:
        return Given()
    points = "" if present.points is None else _typeable(present.points)
    return Given(points, present.comment, present.reason, present.criteria)


def _typeable(points: Fraction) -> str:
    """The points as one can type them: a decimal where it is exact, else a fraction."""
    return marks(points) if (points * FINITE).denominator == 1 else str(points)


_PLACES = {str(place) for place in range(MOST_CRITERIA)}
