"""The shape of a vector, matrix or array: `3 x 2`, `m × n`, `(3, 2)`, `(m x n) x (p x q)`; size by size."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings
from grader.answers.entries import size_mismatch
from grader.answers.scalars import compare
from grader.answers.wording import NOT_SCALAR
from grader.checking.domain import Domain
from grader.checking.verdict import Outcome, Proof, Verdict
from grader.errors import AnswerError
from grader.reading import text as text_reader
from grader.reading.names import Vocabulary
from grader.reading.printing import to_text
from grader.reading.tree import ONE, Tree, add, names_in, number

MOST_SIZES = 8
LONGEST = 200
_LATEX = {r"\times": " × ", r"\mathbb{R}": "R", r"\left": "", r"\right": "", r"\,": " ", "{": "(", "}": ")"}
_SPACE = re.compile(r"\s*(?:in\s+|∈\s*)?[Rℝ]\s*\^")
_SIGN = re.compile(r"\s*(?:[×,]|\bby\b)\s*|\s+[xX]\s+")
_DOT = re.compile(r"[*·⋅∙•]")
_LETTER = re.compile(r"\s*(?:[×,xX]|\bby\b)\s*")


class ShapeType(AnswerType[Settings]):
    """Shapes; sizes are numbers, letters or expressions in them, and one size alone is a column."""

    name = "shape"
    meaning = "a shape such as 3 x 2 or m x n"
    settings = Settings

    def read(self, text: str, settings: Settings, context: Context) -> Answer:  # noqa: ARG002 - no settings
        """The sizes in their order; brackets only group."""
        if len(text) > LONGEST:
            raise AnswerError("This is too long for a shape.", LONGEST, len(text), "Write it as 3 x 2.")
        plain = text.rstrip().removesuffix(".")
        for written, meant in _LATEX.items() if context.notation == "latex" or "{" in text or "\\" in text else ():
            plain = plain.replace(written, meant)
        plain = _SPACE.sub("", plain.replace("[", "(").replace("]", ")"))
        separator = _SIGN if context.vocabulary.knows("x") else _LETTER
        if re.fullmatch(r"\s*\(\s*[^()]+,\s*\)\s*", plain):
            plain = plain.replace(",", "")
        pieces = [_ungrouped(piece) for piece in separator.split(plain)]
        if len(pieces) == 1:  # `3 * 2`, from a keyboard without the sign
            pieces = _DOT.split(pieces[0])
        if not 1 <= len(pieces) <= MOST_SIZES or not all(piece.strip() for piece in pieces):
            raise AnswerError("This is no shape.", 0, len(text), "Write it as 3 x 2 or m x n.")
        vocabulary = Vocabulary(names=_names(context))
        sizes = []
        for piece in pieces:
            tree = text_reader.read(piece, vocabulary).tree
            if tree.kind in NOT_SCALAR:
                raise AnswerError(f"{piece.strip()} is no size.", 0, len(text), "Write it as 3 x 2 or m x n.")
            sizes.append(tree)
        return Answer(Tree("list", tuple(sizes)))

    def check(self, response: Answer, key: Tree, settings: Settings, context: Context) -> Checked:  # noqa: ARG002
        """Equal where every size is, in this order; a row for a column is named."""
        given, right = _sizes(response.tree), _sizes(key)
        if _agree(given, right, context):
            return Checked.whole(Verdict(Outcome.EQUAL, Proof("the same sizes")))
        checked = size_mismatch(_words(right), _words(given))
        if len(given) == len(right) == 2 and _agree(given[::-1], right, context):
            is_vector = ONE in given
            said = "A row has 1 x n, a column n x 1." if is_vector else "The number of rows comes first."
            return replace(checked, feedback=("Rows and columns are exchanged.", said), mistake="transposed")
        if len(given) == len(right) and _agree(given[len(given) // 2 :] + given[: len(given) // 2], right, context):
            return replace(checked, feedback=("The two halves of the shape are exchanged.",), mistake="transposed")
        return replace(checked, feedback=(f"You gave {_words(given)}.",))

    def show(self, tree: Tree, settings: Settings) -> str:  # noqa: ARG002 - the same for all settings
        """With signs between the sizes."""
        return " × ".join(to_text(size) for size in _members(tree))

    def examples(self, key: Tree, settings: Settings) -> Examples:
        """The key, in brackets too; its first size raised by one; a size missing."""
        text = self.show(key, settings)
        first, *rest = _members(key)
        raised = self.show(Tree("list", (add(first, number(1)), *rest)), settings)
        return Examples((text, f"({text})"), (raised, f"{text} × 7"), (f"{text} ×", "× ×"))


def _names(context: Context) -> frozenset[str] | None:
    """The names of the problem and the letters in its shapes; None where any letter is a size."""
    names = context.vocabulary.names
    if names is None:
        return None
    letters = {size for shape in context.domain.shapes.values() for size in shape if isinstance(size, str)}
    return names | letters


def _ungrouped(piece: str) -> str:
    """A size without the brackets that group it with others."""
    while piece.count("(") > piece.count(")") and piece.lstrip().startswith("("):
        piece = piece.lstrip()[1:]
    while piece.count(")") > piece.count("(") and piece.rstrip().endswith(")"):
        piece = piece.rstrip()[:-1]
    return piece


def _members(tree: Tree) -> tuple[Tree, ...]:
    """The sizes; of a key that is no list, itself."""
    return tree.args if tree.kind in {"list", "vector"} else (tree,)


def _sizes(tree: Tree) -> tuple[Tree, ...]:
    """The sizes; one alone is that of a column."""
    members = _members(tree)
    return (*members, ONE) if len(members) == 1 else members


def _agree(given: tuple[Tree, ...], right: tuple[Tree, ...], context: Context) -> bool:
    """Whether all sizes are equal for all positive whole numbers."""
    if len(given) != len(right):
        return False
    names = {name for tree in (*given, *right) for name in names_in(tree)}
    whole = replace(context, domain=Domain.of({name: {"integer": True, "positive": True} for name in sorted(names)}))
    pairs = zip(given, right, strict=True)
    return all(compare(one, other, None, whole).outcome is Outcome.EQUAL for one, other in pairs)


def _words(sizes: tuple[Tree, ...]) -> str:
    return f"the shape {' × '.join(map(to_text, sizes))}"
