"""How a response is read, shown before it is submitted; nothing is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from grader.bank.variant import VariantPart
from grader.errors import AnswerError
from grader.grading import read_part
from grader.reading.printing import to_mathml, to_text
from grader.reading.text import read
from grader.reading.tree import Tree, name
from grader.web.fields import Cells, Fault, Typed, box_fault, fault_of, place_words
from grader.web.mathml import polished

GAP = "□"
NOTHING = Markup()


@dataclass(frozen=True, slots=True)
class Preview:
    """The response typeset and in plain notation, remarks on how it was read, or the fault in it."""

    mathml: Markup = NOTHING
    read_as: str = ""
    notices: tuple[str, ...] = ()
    error: Fault | None = None


def preview_of(part: VariantPart, text: str, typed: Typed | None = None) -> Preview:
    """The preview of a response; while a grid has gaps or faults, its boxes are read one by one."""
    if not text.strip() or part.type == "choice":
        return Preview()
    cells = typed.cells if typed and not typed.whole.strip() else ()
    if any(cell and box_fault(part, (0, 0), cell) for row in cells for cell in row) or not all(map(all, cells)):
        return _preview_of_boxes(part, cells)
    try:
        answer = read_part(part, text)
    except AnswerError as error:
        return Preview(error=fault_of(part, text, error))
    return Preview(typeset(answer.tree), to_text(answer.tree), tuple(notice.text for notice in answer.notices))


def typeset(tree: Tree) -> Markup:
    """The tree as MathML."""
    return polished(to_mathml(tree))


def preview_to_json(preview: Preview) -> Mapping[str, Any]:
    """What the browser's module shows."""
    return {
        "mathml": str(preview.mathml),
        "read_as": preview.read_as,
        "notices": [{"text": text} for text in preview.notices],
        "error": asdict(preview.error) if preview.error else None,
    }


def _preview_of_boxes(part: VariantPart, cells: Cells) -> Preview:
    """Each filled box read by itself, the others shown as gaps."""
    rows: list[Tree] = []
    notices: list[str] = []
    for i, row in enumerate(cells):
        entries: list[Tree] = []
        for j, text in enumerate(row):
            if not text:
                entries.append(name(GAP))
                continue
            if fault := box_fault(part, (i, j), text):
                return Preview(error=fault)
            reading = read(text, part.vocabulary)
            notices += [f"{place_words((i, j))}: {notice.text}" for notice in reading.notices]
            entries.append(reading.tree)
        rows.append(Tree("row", tuple(entries)))
    return Preview(typeset(Tree("matrix", tuple(rows))), "", tuple(notices))
