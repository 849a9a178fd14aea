"""Filling in the fields of a problem page."""

from __future__ import annotations

from grader.bank.variant import Variant
from grader.reading.printing import to_text
from grader.web.fields import name_of, shape_of


def right_fields(variant: Variant) -> dict[str, str]:
    """The form fields of an answer that is right in every part."""
    fields: dict[str, str] = {}
    for part in variant.parts:
        if not shape_of(part):
            fields[name_of(part)] = part.answer_text
            continue
        rows = part.key.args if part.key.kind == "matrix" else (part.key,)
        entries = [[to_text(entry) for entry in row.args] for row in rows]
        if shape_of(part) != (len(entries), len(entries[0])):
            entries = [[entry] for entry in entries[0]]
        for i, row in enumerate(entries):
            for j, entry in enumerate(row):
                fields[f"{name_of(part)}[{i}][{j}]"] = entry
    return fields
