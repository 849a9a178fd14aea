"""LaTeX to a tree: what students paste, and what a visual editor writes.

The characters become items, the items tokens of plain notation, and the parser of plain notation
reads these; only what LaTeX gives arguments, such as a fraction, is built beforehand. No command is
ever carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from grader.errors import AnswerError
from grader.reading.cursor import MAX_DEPTH, Notice
from grader.reading.latex_commands import (
    ACCENTS,
    ARGUMENTS,
    BOXES,
    EMPTY_SETS,
    FENCES,
    FRACTIONS,
    LINES,
    REALS,
    ROMAN,
    SIGNS,
    SPELLED,
    STYLES,
    TRANSPOSES,
    WORD_COMMANDS,
)
from grader.reading.latex_environments import environment
from grader.reading.latex_fences import fence, fenced
from grader.reading.latex_items import Item, items_of
from grader.reading.latex_labels import label_end, plain_label
from grader.reading.latex_structures import called, closing, fraction, group, number, raised, root, sign
from grader.reading.latex_tokens import Handler, Items
from grader.reading.latex_words import (
    accented,
    greek,
    joining,
    letters,
    reals,
    roman,
    styled,
    summation,
    transposing,
)
from grader.reading.names import Vocabulary, canonical
from grader.reading.numbered_labels import without_numbered_labels
from grader.reading.own_indices import refuse_unbound, with_own_indices
from grader.reading.source import Source, plain
from grader.reading.text import NOTHING, Limits, Reading, left_out, placed
from grader.reading.tokens import Token, refuse_thousands
from grader.reading.tree import Tree, is_deeper_than, names_in

_ANY = Vocabulary()
_LIMITS = Limits()
_END = frozenset({"end"})


def read(source: str, vocabulary: Vocabulary = _ANY, limits: Limits = _LIMITS) -> Reading:
    r"""The reading of LaTeX; nothing in it is ever executed.

    Raises AnswerError with the span, in characters of `source`, of what cannot be read.

    >>> from grader.reading.printing import to_text
    >>> to_text(read(r"\frac{1}{2} x^{2}").tree)
    '1/2*x^2'
    """
    if len(source) > limits.characters:
        message = f"This is {len(source)} characters long; at most {limits.characters} are read."
        raise AnswerError(message, limits.characters, len(source), "Write it shorter.")
    text = plain(source)
    try:
        return _read(text, vocabulary)
    except AnswerError as error:
        start, end = text.span(error.start, error.end)
        raise AnswerError(error.message, start, end, error.repair) from None


def _read(text: Source, vocabulary: Vocabulary) -> Reading:
    """Read plain characters; spans in errors count these."""
    body, labels = text.text, None
    if "=" in body and not vocabulary.keep_label:
        body, labels = without_numbered_labels(body, vocabulary)
    items = items_of(body, decimal_comma=vocabulary.decimal_comma)
    if len(items) == 1:
        raise AnswerError("There is nothing to read.", 0, len(body), "Type an answer.")
    if ("o" in body or "O" in body) and NOTHING.fullmatch(_words(items, body)):
        return Reading(Tree("empty", (), "", *text.span(0, len(body))))
    if "," in body and not vocabulary.decimal_comma:
        refuse_thousands(body)
    items = _line(items)
    declared, vocabulary = vocabulary, with_own_indices(body, vocabulary)
    place = label_end(items) if "=" in body and not vocabulary.keep_label else 0
    label = labels
    if place:
        label = plain_label(items[:place])
        tree, notices, second = _parsed(body, items[place + 1 :], vocabulary)
        if canonical(label) in names_in(tree):
            place, label = 0, None
        else:
            notices = (left_out(label, items[0].start, items[place - 1].end), *notices)
    if not place:
        tree, notices, second = _parsed(body, items, vocabulary)
    if vocabulary is not declared:
        refuse_unbound(tree, declared)
    if labels is not None:
        notices = (left_out(labels, 0, len(body)), *notices)
    if text.places is not None:
        tree, second = placed(tree, text), second and placed(second, text)
        notices = tuple(Notice(n.code, *text.span(n.start, n.end), n.text) for n in notices)
    return Reading(tree, notices, second, label)


def _words(items: list[Item], body: str) -> str:
    """The text without a command for words around it."""
    if items[0].kind in ROMAN and len(items) > 2 and items[1].kind == "{" and items[-2].kind == "}":
        return body[items[1].end : items[-2].start]
    return body


def _line(items: list[Item]) -> list[Item]:
    """The items without an environment for lines around a single line."""
    if items[0].kind != r"\begin" or items[-2].kind != "}":
        return items
    opened = next((place for place, item in enumerate(items) if item.kind == "}"), 0)
    closed = max((place for place, item in enumerate(items) if item.kind == r"\end"), default=0)
    name = "".join(item.value for item in items[2:opened])
    inner = items[opened + 1 : closed]
    if name not in LINES or any(item.kind in {"\\\\", r"\begin"} for item in inner):
        return items
    return [*(item for item in inner if item.kind != "&"), items[-1]]


def _parsed(body: str, items: list[Item], vocabulary: Vocabulary) -> tuple[Tree, tuple[Notice, ...], Tree | None]:
    """The tree, what was noticed, and the second reading."""
    first = Items(body, list(items), vocabulary, HANDLERS, second=False)
    tree = _tree(first, body)
    notices = tuple(first.notices)
    if not first.ambiguous:
        return tree, notices, None
    try:
        second = _tree(Items(body, list(items), vocabulary, HANDLERS, second=True), body)
    except AnswerError:  # what stands in the text has a meaning in the first reading only
        second = tree
    if second == tree:
        return tree, tuple(notice for notice in notices if notice.code != "ambiguous"), None
    return tree, notices, second


def _tree(source: Items, body: str) -> Tree:
    """The tree of all items."""
    tokens = source.until(_END)
    if not tokens:
        place = Item("", "", source.items[0].start, len(body), gap=False)
        source.fail("There is nothing to read here.", place, r"Type an answer; \emptyset is the empty set.")
    while len(tokens) > 1 and tokens[-1].kind == "." and tokens[-2].kind != ".":
        tokens.pop()
    tree = source.tree(tokens, len(body))
    if len(source.items) > MAX_DEPTH and is_deeper_than(tree, MAX_DEPTH):
        message = f"This is nested more than {MAX_DEPTH} levels deep."
        raise AnswerError(message, 0, len(body), "Write it in simpler steps.")
    return tree


def _box(source: Items, _: list[Token], item: Item) -> None:
    """An empty box of the editor."""
    source.fail("An empty box is left here.", item, "Fill it in, or delete it.")


def _nothing(source: Items, tokens: list[Token], item: Item) -> None:
    """The empty set."""
    source.at += 1
    source.operand(tokens, Tree("empty", (), "", item.start, item.end), item.start, item.end, gap=item.gap)


def _kronecker(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\otimes`: the Kronecker product."""
    source.at += 1
    tokens.append(Token("kron", "", item.start, item.end, item.gap))


def _negated(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\not=`."""
    source.at += 1
    if source.item.kind != "=":
        source.fail(r"Only \not= is read.", item, r"Write \ne.")
    tokens.append(Token("!=", "", item.start, source.item.end, item.gap))
    source.at += 1


def _stray_subscript(source: Items, tokens: list[Token], item: Item) -> None:
    """A subscript with no name before it; that of the Euclidean norm says nothing new."""
    before, after = tokens[-1] if tokens else None, source.items[source.at + 1]
    if before and (before.kind == "|" or source.is_call(before, "norm")):
        place = source.at + 1 + (after.kind == "{")
        if source.items[place].kind == "number" and source.items[place].value == "2":
            source.at = place + 1 + (after.kind == "{")
            return
        source.fail("Only the Euclidean norm is read.", item, "Write the norm without an index.")
    if tokens and tokens[-1].kind == ")":
        source.fail("A subscript after a bracket is not read.", item, "Write the entry itself.")
    source.fail("A subscript stands after a name only.", item, "Write it as in x_1.")


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(SIGNS, sign),
    ")": closing,
    "]": closing,
    **dict.fromkeys(SPELLED, greek),
    **dict.fromkeys(FRACTIONS, fraction),
    **dict.fromkeys(ROMAN, roman),
    **dict.fromkeys(STYLES, styled),
    **{command: partial(accented, accent=accent) for command, accent in ACCENTS.items()},
    **dict.fromkeys(FENCES, fence),
    **dict.fromkeys(ARGUMENTS, called),
    **dict.fromkeys(WORD_COMMANDS, joining),
    **dict.fromkeys(TRANSPOSES, transposing),
    **dict.fromkeys(EMPTY_SETS, _nothing),
    **dict.fromkeys(REALS, reals),
    **dict.fromkeys(BOXES, _box),
    "letters": letters,
    "number": number,
    "{": group,
    "^": raised,
    "_": _stray_subscript,
    r"\sqrt": root,
    r"\left": fenced,
    r"\mleft": fenced,
    r"\begin": environment,
    r"\sum": summation,
    r"\otimes": _kronecker,
    r"\not": _negated,
}
