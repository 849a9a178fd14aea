"""Items of LaTeX to the tokens of plain notation; what has arguments becomes an operand at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import NoReturn

from grader.errors import AnswerError
from grader.reading.cursor import MAX_DEPTH, Notice
from grader.reading.latex_commands import REFUSED, SPELLED
from grader.reading.latex_items import Item
from grader.reading.latex_parsing import TOP, LatexParser
from grader.reading.names import CALLED_GREEK, Vocabulary
from grader.reading.tokens import Token, tokenise
from grader.reading.tree import Tree

PLAIN = frozenset({"number", "constant"})
CLOSERS = frozenset({"}", "end"})
_FACTORS = frozenset(
    {"number", "name", "constant", "sum", "neg", "product", "quotient", "power", "factorial", "percent"}
)
_new = tuple.__new__

Handler = Callable[["Items", list[Token], Item], None]


class Items:
    """A place in a list of items, with the operands built and what was noticed on the way.

    `handlers` says what each kind of item becomes; with `second` every doubtful place is read the
    other way.
    """

    def __init__(
        self, text: str, items: list[Item], vocabulary: Vocabulary, handlers: Mapping[str, Handler], *, second: bool
    ) -> None:
        """Start at the first item."""
        self.text = text
        self.items = items
        self.vocabulary = vocabulary
        self.handlers = handlers
        self.second = second
        self.at = 0
        self.depth = 0
        self.operands: dict[str, Tree] = {}
        self.braced: set[str] = set()
        self.grids: set[str] = set()
        self.notices: list[Notice] = []
        self.ambiguous = False

    def until(self, stops: frozenset[str]) -> list[Token]:
        """The tokens up to an item of one of these kinds, which is not passed."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"This is nested more than {MAX_DEPTH} levels deep.", self.item, "Write it with fewer brackets.")
        tokens: list[Token] = []
        items, handlers = self.items, self.handlers
        while (item := items[self.at]).kind not in stops:
            handler = handlers.get(item.kind)
            if handler is None:
                self.refuse(item)
            handler(self, tokens, item)
        self.depth -= 1
        return tokens

    @property
    def item(self) -> Item:
        """The item at this place."""
        return self.items[self.at]

    def tree(self, tokens: list[Token], end: int) -> Tree:
        """The tree of tokens that stand alone; `end` is where they end."""
        if len(tokens) == 1:
            kind, value, first, last, _ = tokens[0]
            if kind != "log" and value in self.operands:
                return self.operands[value]
            if kind in PLAIN or (kind == "name" and value not in CALLED_GREEK and "[" not in value):
                return _new(Tree, (kind, (), value, first, last))
        parser = self.parser([*tokens, _new(Token, ("end", "", end, end, False))])
        tree = parser.response()
        self.notices += parser.notices
        self.ambiguous = self.ambiguous or parser.ambiguous
        return tree

    def parser(self, tokens: list[Token]) -> LatexParser:
        """A parser for tokens that are closed by one of kind `end`."""
        if "[" in self.text and ";" not in self.text:
            tokens = [token._replace(gap=False) for token in tokens]  # spaces separate nothing in LaTeX
        parser = LatexParser(tokens, self.vocabulary, self.operands, self.braced, second=self.second)
        parser.depth = self.depth
        return parser

    def operand(self, tokens: list[Token], tree: Tree, start: int, end: int, *, gap: bool) -> str:
        """Add a token that stands for a tree; its key."""
        key = f"\\{len(self.operands)}"
        self.operands[key] = tree._replace(start=start, end=end) if tree.start == tree.end else tree
        tokens.append(_new(Token, ("operand" if tree.kind in _FACTORS else "call", key, start, end, gap)))
        return key

    def is_call(self, token: Token, function: str) -> bool:
        """Whether the token stands for a call of this function."""
        tree = self.operands.get(token.value)
        return tree is not None and tree.kind == "call" and tree.value == function

    def word(self, spelled: str, item: Item, end: int, gap: bool | None = None) -> list[Token]:
        """The tokens of a word with its subscript, as plain notation cuts it."""
        start = item.start
        gap = item.gap if gap is None else gap
        pieces = self.vocabulary.pieces.get(spelled)
        if pieces is not None and len(pieces) == 1:
            return [_new(Token, (pieces[0][0], pieces[0][1], start, end, gap))]
        is_plain = item.kind == "letters" and spelled.startswith(item.value)
        try:
            found = tokenise(spelled, self.vocabulary)[:-1]
        except AnswerError as error:
            first, last = (start + error.start, start + error.end) if is_plain else (start, end)
            raise AnswerError(error.message, first, min(last, end), error.repair) from None
        placed = [
            _new(Token, (t.kind, t.value, *((start + t.start, start + t.end) if is_plain else (start, end)), t.gap))
            for t in found
        ]
        placed[0] = placed[0]._replace(gap=gap)
        placed[-1] = placed[-1]._replace(end=end)
        return placed

    def doubt(self, start: int, end: int, sentence: str) -> None:
        """Note that the text can be read in a second way here."""
        self.ambiguous = True
        self.notices.append(Notice("ambiguous", start, end, sentence))

    def split(self, length: int) -> Item:
        """The first characters of the item at this place, cut off into an item of their own."""
        item = self.item
        head = Item(item.kind, item.value[:length], item.start, item.start + length, item.gap)
        self.items[self.at] = Item(item.kind, item.value[length:], item.start + length, item.end, gap=False)
        if len(item.value) == length:
            self.at += 1
        elif self.items[self.at].value.isdigit():
            self.items[self.at] = self.items[self.at]._replace(kind="number")
        return head

    def braces(self) -> tuple[list[Token], Item, Item]:
        """The tokens between the braces at this place, and the braces."""
        opening = self.item
        self.at += 1
        tokens = self.until(CLOSERS)
        closing = self.item
        if closing.kind == "end":
            self.fail("The brace { is not closed.", opening, "A closing } is missing at the end.")
        self.at += 1
        return tokens, opening, closing

    def raw_braces(self, owner: Item) -> tuple[str, Item, Item]:
        """What stands between the braces at this place, as typed, and the braces."""
        opening = self.item
        if opening.kind != "{":
            self.fail(f"The braces of {owner.kind} are missing.", owner, f"Write {owner.kind}{{…}}.")
        place = self.closing_place(self.at)
        closing = self.items[place]
        self.at = place + 1
        return self.text[opening.end : closing.start], opening, closing

    def closing_place(self, place: int) -> int:
        """Where the brace that opens at this place is closed."""
        opening, depth = self.items[place], 0
        for here in range(place, len(self.items)):
            depth += {"{": 1, "}": -1}.get(self.items[here].kind, 0)
            if depth == 0:
                return here
        return self.fail("The brace { is not closed.", opening, "A closing } is missing at the end.")

    def one(self, stops: Iterable[str] = ()) -> list[Token]:
        """The tokens of the one item at this place with what belongs to it."""
        item = self.item
        handler = self.handlers.get(item.kind)
        if handler is None or item.kind in stops:
            self.refuse(item)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"This is nested more than {MAX_DEPTH} levels deep.", item, "Write it in simpler steps.")
        tokens: list[Token] = []
        handler(self, tokens, item)
        self.depth -= 1
        return tokens

    def fail(self, message: str, item: Item, repair: str = "") -> NoReturn:
        """Raise AnswerError at the item."""
        raise AnswerError(message, item.start, item.end, repair)

    def refuse(self, item: Item) -> NoReturn:
        """Raise AnswerError for an item that has no meaning here."""
        kind = item.kind
        if kind in REFUSED:
            self.fail(REFUSED[kind][0], item, REFUSED[kind][1])
        if kind in _STRAY:
            self.fail(*_STRAY[kind][:1], item, _STRAY[kind][1])
        near = _nearest(kind, self.handlers)
        hint = f"Did you mean {near}?" if near else "Write it without this command."
        self.fail(f"There is no command {kind} here.", item, hint)


_STRAY: Mapping[str, tuple[str, str]] = {
    "}": ("There is no opening brace for this }.", "Delete it, or add the opening one."),
    "&": ("A & separates the entries of a matrix only.", "Delete it."),
    "\\\\": ("A line ends here, outside of a matrix.", "Write a comma between several values."),
    r"\end": (r"There is no \begin for this \end.", "Delete it."),
    r"\right": (r"There is no \left for this \right.", r"Delete \right, or add \left."),
    r"\mright": (r"There is no \mleft for this \mright.", r"Delete \mright."),
    r"\rvert": (r"There is no \lvert for this \rvert.", "Delete it, or add the opening one."),
    r"\rVert": (r"There is no \lVert for this \rVert.", "Delete it, or add the opening one."),
    r"\rfloor": (r"There is no \lfloor for this \rfloor.", "Delete it, or add the opening one."),
    r"\rceil": (r"There is no \lceil for this \rceil.", "Delete it, or add the opening one."),
    r"\rangle": (r"There is no \langle for this \rangle.", "Delete it, or add the opening one."),
    "end": ("Something is missing at the end.", "Complete it, or delete the last sign."),
    "\\": ("A backslash without a command stands here.", "Delete it."),
}


def _nearest(command: str, handlers: Mapping[str, Handler]) -> str:
    r"""The known command that this one was meant to be: `\sin x` for `\sinx`; empty where none is near."""
    for length in range(len(command) - 1, 2, -1):
        if command[:length] in SPELLED and length > 3:
            return f"{command[:length]} {command[length:]}"
    near = get_close_matches(command, [kind for kind in handlers if len(kind) > 2], n=1, cutoff=0.6)
    return near[0] if near else ""


__all__ = ["CLOSERS", "PLAIN", "TOP", "Handler", "Items"]
