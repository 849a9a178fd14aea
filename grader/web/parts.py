"""One part of a problem as a page shows it: the question, the field, how it is read, the mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup, escape

from grader.answers import BY_NAME
from grader.answers.choice import option_ids
from grader.bank.variant import Variant, VariantPart
from grader.bank.wording import say
from grader.web.fields import Field, Typed, field_of
from grader.web.figures import figures_html
from grader.web.marks import Mark, letter, mark_of
from grader.web.palettes import Key, palette_of
from grader.web.previews import Preview, typeset
from grader.web.typesetting import line_to_html, markdown_to_html


@dataclass(frozen=True, slots=True)
class PartView:
    """All that the template of a part prints; `answer`, `answer_text` and `solution` are for those who may see them."""

    id: str
    letter: str
    type: str
    ask: Markup
    notes: Markup
    points: Fraction
    text: str
    field: Field
    preview: Preview | None
    mark: Mark | None
    locked: bool
    answer: Markup
    answer_text: str
    solution: Markup
    palette: tuple[tuple[Key, ...], ...] = ()


def part_views(
    variant: Variant,
    texts: Mapping[str, str],
    result: Mapping[str, Any] | None = None,
    *,
    previews: Mapping[str, Preview] | None = None,
    typed: Mapping[str, Typed] | None = None,
    judged: Mapping[str, str] | None = None,
    locked: bool = False,
    with_evidence: bool = False,
) -> tuple[PartView, ...]:
    """The parts of a variant with what was typed, and the marks where the texts have been judged.

    `judged` are the texts that the result speaks of, where those typed may be others.
    """
    views = []
    for number, part in enumerate(variant.parts):
        text = texts.get(part.id, "")
        is_judged = result is not None and (judged is None or judged.get(part.id, "") == text)
        mark = mark_of(part, text, result, with_evidence=with_evidence) if result and is_judged else None
        field = field_of(
            part, text, mark.state if mark else "", mark.states if mark else None, (typed or {}).get(part.id)
        )
        preview = (previews or {}).get(part.id)
        view = PartView(
            id=part.id,
            letter=letter(number),
            type=part.type,
            ask=line_to_html(part.ask),
            notes=Markup(" ").join(map(line_to_html, part.notes)),
            points=part.points,
            text=text,
            field=field,
            preview=preview if preview and (preview.mathml or preview.error or preview.notices) else None,
            mark=mark,
            locked=locked,
            answer=answer_of(part),
            answer_text=part.answer_text,
            solution=markdown_to_html(part.solution),
            palette=() if locked else palette_of(part, variant),
        )
        views.append(view)
    return tuple(views)


def prompt_of(variant: Variant) -> Markup:
    """The prompt, and below it what is known of the variables."""
    given = Markup("")
    if variant.given:
        phrases = Markup("; ").join(map(line_to_html, variant.given))
        given = Markup('<p class="given">{}: {}.</p>').format(say("given", variant.language), phrases)
    text = markdown_to_html(variant.prompt) + figures_html(variant.figures, variant.language) + given
    return Markup('<div lang="{}">{}</div>').format(variant.language, text)


def solution_of(variant: Variant) -> Markup:
    """The worked solution with its figures."""
    text = markdown_to_html(variant.solution) + figures_html(variant.solution_figures, variant.language, "solution")
    return Markup('<div lang="{}">{}</div>').format(variant.language, text) if text else text


def answer_of(part: VariantPart) -> Markup:
    """The key, typeset; where there is none, what stands in for it: options, conditions, a rubric."""
    if part.type == "choice":
        right = option_ids(part.key)
        return Markup(", ").join(line_to_html(words) for value, words in part.options if value in right)
    if part.type == "written":
        return escape(part.answer_text)
    if part.key.kind == "empty" and not BY_NAME[part.type].needs_key:
        return escape(f"any values with {part.answer_text}")
    return typeset(part.key)
