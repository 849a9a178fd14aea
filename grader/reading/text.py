"""Typed text to a tree: the notation of students, authors and callers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from grader.errors import AnswerError
from grader.reading.cursor import MAX_DEPTH, Notice, Reach
from grader.reading.names import Vocabulary, canonical
from grader.reading.numbered_labels import without_numbered_labels
from grader.reading.own_indices import refuse_unbound, with_own_indices
from grader.reading.parsing import Parser
from grader.reading.source import Source, plain
from grader.reading.tokens import Token, refuse_thousands, tokenise, without_thousands
from grader.reading.tree import Tree, is_deeper_than, names_in


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a text."""

    characters: int = 2000


class Reading(NamedTuple):
    """The tree, what a person should know, the second reading, and the label that was dropped.

    `others` are further readings, where several places are doubtful or one may be meant in several ways.
    """

    tree: Tree
    notices: tuple[Notice, ...] = ()
    second: Tree | None = None
    label: str | None = None
    others: tuple[Tree, ...] = ()


_ANY = Vocabulary()
_MOST_TOKENS = 80
_SEVERAL = frozenset({"vector", "set", "list", "matrix"})
_TOUCHING, _ALL = "touching", "all"
_REACHES: Mapping[tuple[bool, bool], tuple[Reach, ...]] = {
    (True, False): (Reach(_TOUCHING), Reach(_ALL)),
    (False, True): (Reach(divisors=_ALL), Reach(divisors=_TOUCHING)),
    (True, True): tuple(
        Reach(exponents, divisors)
        for exponents, divisors in (
            (_TOUCHING, _ALL),
            (_TOUCHING, ""),
            ("", _ALL),
            (_TOUCHING, _TOUCHING),
            ("", _TOUCHING),
            (_ALL, _ALL),
            (_ALL, ""),
        )
    ),
}
_LIMITS = Limits()
NOTHING = re.compile(
    r"\s*(no(ne)?( real)? (solutions?|values?)|none|(the )?empty( set)?|keine( reellen?)? Lösung(en)?|Ø)\s*\.?\s*",
    re.IGNORECASE,
)
# What only the texts hold that need a closer look, in small letters: `none`, `array`, `log1p` and their like, `np.`.
_UNUSUAL_WORD = re.compile(r"no|rray|tray|rrix|trix|1p|m1|p2|empty|nsor|sine").search
_AFTER_LETTER = re.compile(r"[a-z]\.").search
_ARGUMENTS = r"(?:\s*\([^()=]*\))?"
# `np.array([[1, 2]])`, `Matrix([[1, 2]])` and `np.sin(x)` are read as what they hold.
_LIBRARY = re.compile(
    r"(?<![\w.])(?:(?:np|numpy|math|torch|sympy|sp)\.)?(?:array|matrix|Matrix|tensor)(?=\s*\(\s*\[)"
    r"|(?<![\w.])(?:np|numpy|math|torch|sympy|sp)\.(?=[A-Za-z])"
)
# A matrix in one pair of square brackets, with round brackets only within a line.
_BLOCK = re.compile(r"\s*\[(?:[^()\[\]{}|<>;]|\([^()\[\]{}|<>;\n]*\))*\]\s*")
# A row of a matrix on a line of its own, `[1, 2]`, and what stands between two of them.
_ROW = re.compile(r"[^\S\n]*\[[^\[\]\n]*\][^\S\n]*[,;]?[^\S\n]*")
_ROW_END = re.compile(r"(?<=\])[^\S\n]*[,;]?[^\S\n]*\n(?=[^\S\n]*\[)")
_ABSENT = re.compile(
    r"(?<![^\W\d_])([sS]ine|[cC]osine|log1p|expm1|exp2|pow|power|square|fabs|(?<=np\.|py\.|ch\.)where)(?=\s*\()"
)
_INSTEAD = {
    "sine": "sin(x)",
    "cosine": "cos(x)",
    "log1p": "ln(1 + x)",
    "expm1": "e^x - 1",
    "exp2": "2^x",
    "pow": "x^2",
    "power": "x^2",
    "square": "x^2",
    "fabs": "abs(x)",
    "where": "{x if x > 0; 0 otherwise}",
}
# Two numbers in one pair of brackets, which may also be one number with a decimal comma.
_PAIR = re.compile(r"\s*[(\[<{\]]\s*[-+]?\d+,\d+\s*[)\]>}\[]\s*")
_REPEATING = re.compile(r"\d\.\(\d+\)")
_SIGNED_EXPONENT = re.compile(r"(?<![\w.])[\d.]+[eE][+-]\d+")
_SUM_HEAD = re.compile(r"(?:sum|Sigma|Σ)\s*_\s*[{(][^{}()]*[})]")
LABEL = re.compile(
    r"\s*(?!(?:sum|Sigma|Σ)\s*_\s*[{(])"
    r"((?:grad|nabla|∇|Hess|Jac)?\s*_?[^\W\d_]*(?:_\{?\w+\}?|\d+)?(?:'{0,3}|\")" + _ARGUMENTS + r"|"
    r"[d∂](?:\^?\(?[2-9]\)?)?\s*[^\W\d]*"
    + _ARGUMENTS
    + r"\s*/\s*[d∂]\s*[^\W_]+(?:_\{?\w+\}?)?(?:\^\(?[2-9]\)?)?(?:\s*[d∂]\s*\w+)?"
    r")\s*=(?!=)\s*"
)


def read(source: str, vocabulary: Vocabulary = _ANY, limits: Limits = _LIMITS) -> Reading:
    """The reading of a typed text; nothing in it is ever executed.

    Linear in the length of the text. Raises AnswerError with the span, in characters of `source`,
    of what cannot be read.
    """
    if len(source) > limits.characters:
        message = f"This is {len(source)} characters long; at most {limits.characters} are read."
        raise AnswerError(message, limits.characters, len(source), "Write it shorter.")
    text = plain(source)
    try:
        return _read(text, vocabulary)
    except AnswerError as error:
        if NOTHING.fullmatch(text.text):
            return Reading(Tree("empty", (), "", 0, len(source)))
        start, end = text.span(error.start, error.end)
        raise AnswerError(error.message, start, end, error.repair) from None


def _refuse_absent(body: str) -> None:
    """Raise AnswerError at a function that other languages have, with what to write here."""
    absent = _ABSENT.search(body)
    if absent:
        repair = f"Write {_INSTEAD[absent[1].lower()]}."
        raise AnswerError(f"The function {absent[1]} is not read here.", *absent.span(), repair)


def _is_unusual(lowered: str) -> bool:
    """Whether a text in small letters holds something that is not plain notation."""
    return bool(_UNUSUAL_WORD(lowered) or ("." in lowered and _AFTER_LETTER(lowered)))


def _read(text: Source, vocabulary: Vocabulary) -> Reading:
    """Read plain text; spans in errors count characters of the plain text."""
    body = text.text
    if _is_unusual(body.lower()):
        if NOTHING.fullmatch(body):
            return Reading(Tree("empty", (), "", 0, len(body)))
        _refuse_absent(body)
        body = _LIBRARY.sub(lambda match: " " * len(match[0]), body)
    label = None
    if "=" in body and not vocabulary.keep_label:
        body, label = _without_labels(body, vocabulary)
    if not body or body.isspace():
        raise AnswerError("There is nothing to read.", 0, len(body), "Type an answer.")
    if body.endswith(".") and not body[-2:-1].isdecimal() and body[-2:-1] not in {".", " "}:
        body = body[:-1]  # the full stop of a sentence
    if ".(" in body and (repeating := _REPEATING.search(body)):
        repair = "Write it as a fraction."
        raise AnswerError("A repeating decimal is not read.", *repeating.span(), repair)
    if "," in body and not vocabulary.decimal_comma:
        refuse_thousands(body)
    try:
        tree, notices, seconds = _parsed_with_sums(body, vocabulary)
    except AnswerError:
        _refuse_absent(text.text)
        raise
    if label is not None:
        notices = (left_out(label, 0, len(label)), *notices)
    if text.places is not None:
        tree, seconds = placed(tree, text), tuple(placed(second, text) for second in seconds)
        notices = tuple(Notice(n.code, *text.span(n.start, n.end), n.text) for n in notices)
    if not seconds:
        return Reading(tree, notices, None, label)
    second, *others = (None if each == tree else each for each in dict.fromkeys(seconds))
    return Reading(tree, notices, second, label, tuple(each for each in others if each is not None))


def _parsed_with_sums(body: str, vocabulary: Vocabulary) -> tuple[Tree, tuple[Notice, ...], tuple[Tree, ...]]:
    """What `_parsed` gives, where the letters that sums run over are names as well."""
    wider = with_own_indices(body, vocabulary)
    found = _parsed(body, wider)
    if wider is not vocabulary:
        refuse_unbound(found[0], vocabulary)
    return found


def _parsed(body: str, vocabulary: Vocabulary) -> tuple[Tree, tuple[Notice, ...], tuple[Tree, ...]]:
    """The tree of a text without label, what was noticed, and the other readings, the second one first."""
    body, has_lines = _with_rows(body) if "\n" in body else (body, False)
    tokens = tokenise(body, vocabulary)
    if has_lines:
        closing = Token("]", "", len(body), len(body), gap=False)
        tokens = [Token("[", "", 0, 0, gap=False), *tokens[:-1], closing, tokens[-1]]
    parser = Parser(tokens, vocabulary)
    try:
        tree = parser.response()
    except AnswerError:
        if not parser.ambiguous:
            raise
        # Rows that spaces leave ragged, as in [x y; z], are whole where spaces multiply.
        parser = Parser(tokens, vocabulary, second=True)
        tree = parser.response()
    if has_lines and tree.kind == "vector":
        tree = tree._replace(kind="list", value="")
    if len(tokens) > MAX_DEPTH and is_deeper_than(tree, MAX_DEPTH):
        message = f"This is nested more than {MAX_DEPTH} levels deep."
        raise AnswerError(message, 0, len(body), "Write it in simpler steps.")
    if ".*" in body and not vocabulary.shapes:
        tree = _without_points(tree)
    notices = tuple(parser.notices)
    exponent = _SIGNED_EXPONENT.search(body) if "e+" in body or "e-" in body or "E+" in body or "E-" in body else None
    if exponent and "E" in exponent[0] and vocabulary.names is not None and not vocabulary.knows("E"):
        exponent = None
    if exponent and any(token.kind == "number" and token.start == exponent.start() for token in tokens):
        notices += (Notice("ambiguous", *exponent.span(), "This is read as a number with an exponent of ten."),)
        tokens = tokenise(body, vocabulary, scientific=False)
    by_commas = _by_commas(tree, body, vocabulary) if "," in body else ()
    if not notices or not any(notice.code == "ambiguous" for notice in notices):
        return tree, (*notices, *[said for _, said in by_commas]), tuple(other for other, _ in by_commas)
    notices += tuple(said for _, said in by_commas)
    seconds = tuple(
        Parser(tokens, vocabulary, second=True, reach=reach).response() for reach in _reaches(parser, len(tokens))
    )
    seconds = tuple(map(_without_points, seconds)) if ".*" in body and not vocabulary.shapes else seconds
    return tree, notices, (*[other for other, _ in by_commas], *seconds)


def _by_commas(tree: Tree, body: str, vocabulary: Vocabulary) -> tuple[tuple[Tree, Notice], ...]:
    """The other reading of the commas, where there is one, and what is said of it.

    In `1,5` a decimal comma may separate two values, and in `[1,234, 2]` a comma between values may separate thousands.
    """
    if vocabulary.decimal_comma:
        if not _PAIR.fullmatch(body):
            return ()
        said = Notice("ambiguous", 0, len(body), "The comma is read as a decimal comma.")
        return ((_parsed(body, replace(vocabulary, decimal_comma=False))[0], said),)
    joined = without_thousands(body) if tree.kind in _SEVERAL else None
    if joined is None:
        return ()
    try:
        other = _parsed(joined[0], vocabulary)[0]
    except AnswerError:
        return ()
    is_alike = other.kind == tree.kind and {arg.kind for arg in other.args} <= {arg.kind for arg in tree.args}
    if not is_alike or len(other.args) < (1 if tree.kind == "set" else 2):
        return ()
    return ((other, Notice("ambiguous", *joined[1], "This comma separates two values.")),)


def _reaches(parser: Parser, size: int) -> tuple[Reach, ...]:
    """What doubtful exponents and divisors may hold; longer texts are read in two ways only."""
    doubts = parser.doubts_exponent, parser.doubts_division
    if size > _MOST_TOKENS or not any(doubts):
        return (Reach(),)
    return _REACHES[doubts]


def left_out(label: str, start: int, end: int) -> Notice:
    """The notice that a label says nothing."""
    if not label:
        return Notice("label", start, end, "The sign = before the answer is left out.")
    said = f"The parts {label} are left out." if " =, " in label else f"The part {label} = is left out."
    return Notice("label", start, end, said)


def _without_labels(body: str, vocabulary: Vocabulary) -> tuple[str, str | None]:
    """The text with its label or numbered labels blanked out, and what they were."""
    blanked, labels = without_numbered_labels(body, vocabulary)
    return _without_label(body, vocabulary) if labels is None else (blanked, labels)


def _without_points(tree: Tree) -> Tree:
    """The tree with `x .* y` as a plain product where no vector stands in it."""
    return _pointless(tree)[0]


def _pointless(tree: Tree) -> tuple[Tree, bool]:
    """The tree without points where they say nothing, and whether it holds a vector."""
    found = [_pointless(arg) for arg in tree.args]
    has_vector = tree.kind in {"vector", "matrix"} or any(has for _, has in found)
    kind = "product" if tree.kind == "elementwise" and not has_vector else tree.kind
    return tree._replace(kind=kind, args=tuple(arg for arg, _ in found)), has_vector


def _without_label(body: str, vocabulary: Vocabulary) -> tuple[str, str | None]:
    """The text with a leading `y =`, `f'(x) =`, `dy/dx =` blanked out, and that label."""
    match = LABEL.match(body)
    if not match:
        return body, None
    label = match[1].strip()
    rest = " " * match.end() + body[match.end() :]
    without_heads = _SUM_HEAD.sub("", rest)
    if re.search(r"[<>=]", without_heads.replace("<=", "").replace(">=", "")) and "=" in without_heads:
        return body, None
    name = canonical(label)
    if label and name.replace("_", "").isalnum() and not name[0].isdigit():
        try:
            found = names_in(Parser(tokenise(rest, vocabulary), vocabulary).response())
        except AnswerError:
            return rest, label
        if name in found:
            return body, None
    return rest, label


def _with_rows(body: str) -> tuple[str, bool]:
    """The text with semicolons for line ends, and whether its lines are rows of a matrix or members of a list."""
    lines = body.strip().split("\n")
    if len(lines) == 1:
        return body, False
    if all(_ROW.fullmatch(line) for line in lines):
        return _ROW_END.sub(lambda match: " " * len(match[0]), body), True
    starts = [line.lstrip()[:1] for line in lines[1:]]
    ends = [line.rstrip()[-1:] for line in lines[:-1]]
    if _BLOCK.fullmatch(body) and not (set(starts) & set("+*/^=") or set(ends) & set("+-*/^=,")):
        return _with_semicolons(body), False
    if any(sign in body for sign in "()[]{}|<>;") or set(starts) & set("+*/^=") or set(ends) & set("+-*/^=,"):
        return body.replace("\n", " "), False
    first, last = len(body) - len(body.lstrip()), len(body.rstrip())
    return body[:first] + body[first:last].replace("\n", ";") + " " * (len(body) - last), True


def _with_semicolons(body: str) -> str:
    """A matrix in one pair of brackets with its rows on lines: semicolons for the line ends between rows."""
    opening, closing = body.index("[") + 1, body.rindex("]")
    lines = body[opening:closing].split("\n")
    filled = [place for place, line in enumerate(lines) if line.strip()]
    ends = (";" if place in filled[:-1] else " " for place in range(len(lines)))
    inner = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return body[:opening] + inner[:-1] + body[closing:]


def placed(tree: Tree, text: Source) -> Tree:
    """The tree with its spans counted in the typed text."""
    start, end = text.span(tree.start, tree.end)
    return Tree(tree.kind, tuple(placed(arg, text) for arg in tree.args), tree.value, start, end)
