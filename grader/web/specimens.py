"""A variant with everything that its author sees: keys, solutions, mistakes, parameters."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from grader.bank.variant import Variant, VariantPart
from grader.reading.printing import to_text
from grader.web.parts import part_views, prompt_of, solution_of
from grader.web.typesetting import line_to_html, markdown_to_html


def specimen_of(variant: Variant) -> dict[str, Any]:
    """What the template of a variant shows."""
    return {
        "title": variant.title,
        "prompt": prompt_of(variant),
        "parts": part_views(variant, {}),
        "mistakes": {part.id: _mistakes(part) for part in variant.parts},
        "derived": {part.id: part.task is not None for part in variant.parts},
        "parameters": sorted(variant.parameters.items()),
        "hints": [markdown_to_html(hint) for hint in variant.hints],
        "solution": solution_of(variant),
    }


def _mistakes(part: VariantPart) -> list[tuple[str, str, Markup]]:
    """The mistakes that the part knows beside the usual ones: id, the answer that shows it, what is said."""
    return [(one.id, to_text(one.answer), line_to_html(one.feedback)) for one in part.mistakes]
