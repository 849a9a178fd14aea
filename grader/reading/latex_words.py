"""Names in LaTeX: letters, Greek commands, words in roman type, accents, and their scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.reading.cursor import Notice
from grader.reading.latex_commands import SPELLED, STYLES, WORD_COMMANDS, WORDY
from grader.reading.latex_items import Item
from grader.reading.latex_parsing import TOP
from grader.reading.latex_tokens import Items
from grader.reading.names import SPELLINGS, WORDS, canonical, meanings
from grader.reading.tokens import Token
from grader.reading.tree import Tree

_SUBSCRIPT = re.compile(r"[A-Za-z0-9, ]+")
_INNER_WORD = re.compile(r"\\(?:text|mathrm|textrm|mathit|textit|mathsf)\s*\{([^{}\\]*)\}|\\([A-Za-z]+)\s*|\\[,;! ]")
_EMPTY: Mapping[str, str] = {
    "numerator": "The numerator of %(1)s is empty.",
    "denominator": "The denominator of %(1)s is empty.",
    "radicand": "The radicand of %(1)s is empty.",
    "argument": "The argument of %(1)s is empty.",
    "base": "The base of %(1)s is empty.",
}
_MISSING: Mapping[str, str] = {
    "numerator": "The numerator of %(1)s is missing.",
    "denominator": "The denominator of %(1)s is missing.",
    "radicand": "The radicand of %(1)s is missing.",
    "argument": "The argument of %(1)s is missing.",
    "base": "The base of %(1)s is missing.",
}
_WORDS: Mapping[str, str] = {"when": "if", "iff": "if", "or else": "otherwise", "and": "and", "oder": "or"}


def letters(source: Items, tokens: list[Token], item: Item) -> None:
    """A run of letters: names and functions, with the subscript that follows."""
    value = item.value
    if value[0] == "T" and tokens and tokens[-1].kind == "^" and not source.vocabulary.knows("T"):
        head = source.split(1)
        tokens.append(Token("name", "T", head.start, head.end, gap=False))
        return
    source.at += 1
    spelled(source, tokens, item, value)


def greek(source: Items, tokens: list[Token], item: Item) -> None:
    """A letter or function under its command."""
    source.at += 1
    spelled(source, tokens, item, SPELLED[item.kind])


def spelled(source: Items, tokens: list[Token], item: Item, word: str) -> None:
    """The tokens of a word and of the subscript after it, which may also stand after an exponent."""
    following = source.items[source.at].kind
    if following == "^":
        following = _bring_subscript(source)
    if following != "_":
        tokens += source.word(word, item, item.end)
        return
    if word in {"log", "sum"} and word not in (source.vocabulary.names or ()):
        (_logarithm if word == "log" else summation)(source, tokens, item)
        return
    mark = source.at
    subscript = _subscript(source, item)
    end = source.items[source.at - 1].end if source.at > mark else item.end
    _named(source, tokens, item, word, subscript, end)


def _named(source: Items, tokens: list[Token], item: Item, word: str, subscript: str, end: int) -> None:
    r"""A name with a subscript; `x_12` without braces is `x_{12}`, or on the second pass `x_1 2`."""
    bare = subscript[1:]
    if len(bare) < 2 or bare[0] == "{" or not bare.isalnum():
        tokens += source.word(word + subscript, item, end)
        return
    table = meanings(source.vocabulary)
    first, whole = canonical(f"{word}_{bare[0]}"), canonical(word + subscript)
    is_free = source.vocabulary.names is None and source.vocabulary.indices is None
    knows_first = is_free or first in table
    knows_whole = is_free or whole in table
    if knows_first and knows_whole:
        sentence = f"The subscript is read as {bare}; without braces LaTeX lowers only its start."
        source.doubt(item.start, end, sentence)
    if knows_first and (source.second or not knows_whole) and (bare.isdigit() or is_free):
        tokens += source.word(f"{word}_{bare[0]}", item, end - len(bare) + 1)
        rest = Item("letters", bare[1:], end - len(bare) + 1, end, gap=False)
        if bare.isdigit():
            tokens.append(Token("*", "", rest.start, rest.start, gap=False))
            tokens.append(Token("number", bare[1:], rest.start, rest.end, gap=False))
        else:
            tokens += source.word(bare[1:], rest, end)
        return
    tokens += source.word(word + subscript, item, end)


def _bring_subscript(source: Items) -> str:
    """Move a subscript that stands after an exponent before it; the kind of the item that follows now."""
    items, at = source.items, source.at
    argument = items[at + 1].kind if at + 1 < len(items) else "end"
    if argument in {"end", "-", "(", "\\frac"}:
        return "^"
    after = source.closing_place(at + 1) + 1 if argument == "{" else at + 2
    if items[after].kind != "_":
        return "^"
    last = source.closing_place(after + 1) if items[after + 1].kind == "{" else after + 1
    if items[last].kind == "end":
        return "^"
    moved = items[after : last + 1]
    del items[after : last + 1]
    items[at:at] = moved
    return "_"


def _subscript(source: Items, owner: Item) -> str:
    """The subscript at this place with its underscore, in braces where it was."""
    underscore = source.item
    source.at += 1
    item = source.item
    if item.kind == "{":
        raw, opening, closing = source.raw_braces(underscore)
        text = _INNER_WORD.sub(lambda match: match[1] or SPELLED.get("\\" + (match[2] or ""), match[2] or ""), raw)
        text = text.strip().replace("'", "")
        if not text:
            source.fail("This subscript is empty.", opening, "Write a letter or number in it.")
        if not _SUBSCRIPT.fullmatch(text):
            place = Item("", "", opening.start, closing.end, gap=False)
            source.fail("This subscript is not read.", place, "Write letters or digits in it.")
        return f"_{{{text}}}"
    if item.kind in {"letters", "number"} and item.value.isalnum():
        source.at += 1
        return "_" + item.value
    if item.kind in SPELLED:
        source.at += 1
        return f"_{{{SPELLED[item.kind]}}}"
    if item.kind in {r"\text", r"\mathrm", r"\textrm"}:
        source.at += 1
        raw, _, _ = source.raw_braces(item)
        return f"_{{{raw.strip()}}}"
    if item.kind in STYLES:
        source.at += 1
        return _subscript_again(source, underscore, owner)
    return source.fail("The subscript is missing.", underscore, "Write a letter or number after _.")


def _subscript_again(source: Items, underscore: Item, owner: Item) -> str:
    r"""The subscript behind a style, as in `x_\mathbf{i}`."""
    source.at -= 1
    source.items[source.at] = underscore
    return _subscript(source, owner)


def _logarithm(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\log_{b}`; a base that is more than a number or a letter is kept as a tree."""
    source.at += 1
    following = source.item
    if following.kind == "number" and following.value.isdigit():
        head = source.split(len(following.value) if following.value == "10" else 1)
        base, end = Tree("number", (), head.value), head.end
    else:
        inner, end = argument(source, item, "base")
        base = inner
    if base.kind in {"name", "constant"} or (base.kind == "number" and base.value.isdigit()):
        tokens.append(Token("log", base.value, item.start, end, item.gap))
        return
    key = source.operand([], base, item.start, end, gap=False)
    tokens.append(Token("log", key, item.start, end, item.gap))


def summation(source: Items, tokens: list[Token], item: Item) -> None:
    r"""The head of a sum: `\sum_k`, `\sum_{k=1}^{n}`; what is summed follows."""
    if source.item.kind == r"\sum":
        source.at += 1
    underscore = source.item
    if underscore.kind == "^":
        _bring_subscript(source)
        underscore = source.item
    if underscore.kind != "_":
        source.fail("This sum does not say over which index it runs.", item, r"Write \sum_k or \sum_{k=1}^{n}.")
    source.at += 1
    if source.item.kind == "{":
        inner, opening, closing = source.braces()
    else:
        opening = source.item
        inner = source.word(source.split(1).value, opening, opening.start + 1) if opening.kind == "letters" else []
        closing = opening
    if not inner:
        source.fail("This sum does not say over which index it runs.", item, r"Write \sum_k or \sum_{k=1}^{n}.")
    tokens += [
        Token("sum", "", item.start, item.end, item.gap),
        Token("_", "", underscore.start, underscore.end, gap=False),
        Token("(", "", opening.start, opening.end, gap=False),
        *inner,
        Token(")", "", closing.start, closing.end, gap=False),
    ]


def roman(source: Items, tokens: list[Token], item: Item) -> None:
    r"""A word in roman type: `\mathrm{ReLU}`, `\operatorname{tr}`, `\text{ or }`."""
    source.at += 1
    if item.kind == r"\operatorname" and source.item.kind == "*":
        source.at += 1
    if source.item.kind == "letters":
        return
    place = source.at
    raw, _, closing = source.raw_braces(item)
    word = " ".join(raw.split())
    table = meanings(source.vocabulary)
    lowered = word.lower().strip(",.; ")
    joining = _WORDS.get(lowered, lowered)
    whole = Item(item.kind, word, item.start, closing.end, item.gap)
    if word not in table and joining in WORDS and item.kind != r"\mathit":
        tokens.append(Token("word", joining, item.start, closing.end, item.gap))
    elif word in table or word in SPELLINGS or _is_free(source, word):
        _roman_name(source, tokens, whole, word)
    elif not word:
        return
    elif item.kind == r"\operatorname":
        source.fail(f"There is no function {word} here.", whole, _near_function(word))
    elif item.kind in WORDY and len(word) > 1 and not all(letter in table for letter in word):
        source.fail("These words are not read.", whole, "Write the formula alone.")
    else:
        unwrap(source, place)


def _is_free(source: Items, word: str) -> bool:
    """Whether a word of several letters may be a name because none are declared."""
    return source.vocabulary.names is None and len(word) > 1 and word.isalpha()


def _roman_name(source: Items, tokens: list[Token], item: Item, word: str) -> None:
    """A word that is one name or function, with its subscript."""
    if not _is_free(source, word) or word in meanings(source.vocabulary):
        spelled(source, tokens, item, word)
        return
    subscript = ""
    if source.item.kind == "_":
        subscript = _subscript(source, item)
    end = source.items[source.at - 1].end
    tokens.append(Token("name", canonical(word + subscript), item.start, end, item.gap))


def _near_function(word: str) -> str:
    """A sentence with the function whose name is nearest."""
    lower = {spelling.lower(): spelling for spelling in SPELLINGS}
    for spelling in (word.lower(), word.lower()[:3]):
        if spelling in lower:
            return f"Did you mean {lower[spelling]}?"
    return "Write a function that is known, such as sin or exp."


def unwrap(source: Items, place: int) -> None:
    """Take the braces that open at this place away and go back there."""
    closing = source.closing_place(place)
    del source.items[closing]
    del source.items[place]
    source.at = place


def styled(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\mathbf{x}`, `\vec x`: letters in another style are the same letters."""
    source.at += 1
    opening = source.item
    if item.kind == r"\mathbb" and opening.kind == "letters" and opening.value == "R":
        source.at += 1
        reals(source, tokens, Item(item.kind, "", item.start, opening.end, item.gap), moved=True)
        return
    if opening.kind != "{":
        return
    place = source.at
    if item.kind == r"\mathbb" and source.items[place + 1].value == "R" and source.items[place + 2].kind == "}":
        source.at += 3
        reals(source, tokens, Item(item.kind, "", item.start, source.items[place + 2].end, item.gap), moved=True)
        return
    closing = source.closing_place(place)
    if closing == place + 2 and source.items[place + 1].kind in {"letters", *SPELLED}:
        unwrap(source, place)


def reals(source: Items, tokens: list[Token], item: Item, *, moved: bool = False) -> None:
    """The whole line of real numbers, as an interval."""
    source.at += not moved
    end = Tree("constant", (), "oo", item.start, item.end)
    line = Tree("interval", (Tree("neg", (end,), "", item.start, item.end), end), "()", item.start, item.end)
    source.operand(tokens, line, item.start, item.end, gap=item.gap)


def accented(source: Items, tokens: list[Token], item: Item, accent: str) -> None:
    r"""`\hat{y}`: another name where it is declared, else the letter itself with a notice."""
    source.at += 1
    if source.item.kind == "{" and source.closing_place(source.at) == source.at + 2:
        unwrap(source, source.at)
    base = source.item
    letter = SPELLED.get(base.kind, base.value if base.kind == "letters" else "")
    if not letter:
        source.fail(f"{item.kind} is read over one letter only.", item, "Write it without the accent.")
    whole = Item(item.kind, letter, item.start, base.end, item.gap)
    table = meanings(source.vocabulary)
    candidates = (f"{letter}_{accent}", letter + accent, f"{accent}_{letter}", accent + letter)
    known = [name for name in candidates if name in table and table[name].kind == "name"]
    source.at += 1
    if source.vocabulary.names is None or known:
        tokens += source.word(known[0] if known else candidates[0], whole, base.end)
        return
    if "dot" in accent:
        source.fail("A dot over a letter is not read here.", whole, "Write the derivative itself.")
    source.notices.append(Notice("accent", item.start, base.end, f"The accent over {letter} is left out."))
    spelled(source, tokens, whole, letter)


def joining(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\in`, `\land`, `\lor`: words of plain notation."""
    source.at += 1
    tokens.append(Token("word", WORD_COMMANDS[item.kind], item.start, item.end, item.gap))


def transposing(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\top` after `^`."""
    source.at += 1
    if tokens and tokens[-1].kind not in {"^", "-"}:
        source.fail("A transpose is written after ^.", item, r"Write A^{\top}.")
    tokens.append(Token(TOP, "", item.start, item.end, gap=False))


def argument(source: Items, owner: Item, what: str) -> tuple[Tree, int]:
    r"""The argument at this place as LaTeX takes it: braces, one digit, one letter or one command; its end."""
    item = source.item
    if item.kind == "{":
        tokens, opening, closing = source.braces()
        if not tokens:
            place = Item("", "", opening.start, closing.end, gap=False)
            source.fail(_EMPTY[what] % {"1": owner.kind}, place, "Write something in the braces.")
        return source.tree(tokens, closing.start), closing.end
    if item.kind == "(":
        source.at += 1
        tokens = source.until(frozenset({")", "end", "}"}))
        closing = source.item
        if closing.kind != ")":
            source.fail("The bracket ( is not closed.", item, "A closing ) is missing at the end.")
        source.at += 1
        return source.tree(tokens, closing.start), closing.end
    if item.kind == "number" and item.value[0] != ".":
        head = source.split(1)
        return Tree("number", (), head.value, head.start, head.end), head.end
    if item.kind == "letters" and len(item.value) > 1:
        head = source.split(1)
        return source.tree(source.word(head.value, head, head.end), head.end), head.end
    is_command = item.kind[0] == "\\" and item.kind not in {"\\\\", r"\end", r"\right"}
    if is_command or item.kind in {"letters", "number"}:
        tokens = source.one()
        while not tokens:  # a style says nothing by itself
            tokens = source.one()
        return source.tree(tokens, tokens[-1].end if tokens else item.end), source.items[source.at - 1].end
    return source.fail(_MISSING[what] % {"1": owner.kind}, owner, f"Write it in braces after {owner.kind}.")
