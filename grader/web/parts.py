"""One part of a problem as a page shows it: the question, the field, how it is read, the mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from grader.answers.choice import option_ids
from grader.bank.variant import Variant, VariantPart
from grader.web.fields import Field, Typed, field_of
from grader.web.marks import Mark, letter, mark_of
from grader.web.previews import Preview, typeset
from grader.web.typesetting import line_to_html, markdown_to_html


@dataclass(frozen=True, slots=True)
class PartView:
    """All that the template of a part prints; `answer`, `answer_text` and `solution` are for those who may see them."""

    id: str
    letter: str
    type: str
    ask: Markup
    points: Fraction
    text: str
    field: Field
    preview: Preview | None
    mark: Mark | None
    locked: bool
    answer: Markup
    answer_text: str
    solution: Markup


def part_views(
    variant: Variant,
    texts: Mapping[str, str],
    result: Mapping[str, Any] | None = None,
    *,
    previews: Mapping[str, Preview] | None = None,
    typed: Mapping[str, Typed] | None = None,
    locked: bool = False,
    with_evidence: bool = False,
) -> tuple[PartView, ...]:
    """The parts of a variant with what was typed, and the marks where the texts have been judged."""
    views = []
    for number, part in enumerate(variant.parts):
        text = texts.get(part.id, "")
        mark = mark_of(part, text, result, with_evidence=with_evidence) if result else None
        field = field_of(
            part, text, mark.state if mark else "", mark.states if mark else None, (typed or {}).get(part.id)
        )
        preview = (previews or {}).get(part.id)
        view = PartView(
            id=part.id,
            letter=letter(number),
            type=part.type,
            ask=line_to_html(part.ask),
            points=part.points,
            text=text,
            field=field,
            preview=preview if preview and (preview.mathml or preview.error or preview.notices) else None,
            mark=mark,
            locked=locked,
            answer=answer_of(part),
            answer_text=part.answer_text,
            solution=markdown_to_html(part.solution),
        )
        views.append(view)
    return tuple(views)


def answer_of(part: VariantPart) -> Markup:
    """The key, typeset; for a choice the words of the right options."""
    if part.type == "choice":
        right = option_ids(part.key)
        return Markup(", ").join(line_to_html(words) for value, words in part.options if value in right)
    return typeset(part.key)
