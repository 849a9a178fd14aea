"""Names with indices: `A_ip`, `A_{i,1}`, `A[i,p]`, `delta_ij`, and the heads of sums such as `sum_k`.

Read only where the vocabulary has `indices`; a token of such a name carries its indices in its
value, `A[i,p]`, and the head of a sum the names it runs over, `k,l`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile

from grader.errors import AnswerError
from grader.reading.names import GREEK, GREEK_LETTERS, Meaning, Vocabulary
from grader.reading.tree import Tree

SUMS = frozenset({"sum", "Sigma", "Σ"})
# The identity's entries, where no array of this name was declared.
KRONECKER = frozenset({"delta", "I"})
_PIECE = re.compile(r"\d+|[A-Za-z]")


def indexed_name(
    letters: str, subscript: str, vocabulary: Vocabulary, table: Mapping[str, Meaning]
) -> tuple[str, str, int] | None:
    """Kind, value and characters used of the subscript; None where these letters take no indices."""
    if letters in SUMS and not vocabulary.knows(GREEK_LETTERS.get(letters, letters)):
        indices = _leading(_pieces(subscript, 2), subscript, vocabulary)
        used = len(subscript) if subscript.startswith("_{") else 1 + len(indices)
        return "sum", ",".join(indices), used
    array = _array(letters, vocabulary, table)
    if array is None:
        return None
    rank = _rank(array, vocabulary)
    pieces = _pieces(subscript, rank or 2)
    if not rank or len(pieces) <= rank or subscript.startswith("_{") or not _names_follow(pieces[rank], vocabulary):
        return "entry", f"{array}[{','.join(pieces)}]", len(subscript)
    return "entry", f"{array}[{','.join(pieces[:rank])}]", 1 + rank


def entry(value: str, start: int, end: int, vocabulary: Vocabulary) -> Tree:
    """The entry of a token's value; AnswerError where the array has another number of indices.

    Where no array `delta` with two indices was declared, `delta_ij` is the Kronecker delta.
    """
    array, _, rest = value.partition("[")
    pieces = rest.rstrip("]").split(",")
    indices = tuple(Tree("number" if piece.isdigit() else "name", (), piece, start, end) for piece in pieces)
    rank = _rank(array, vocabulary)
    if rank == 1 and array in KRONECKER and len(pieces) == 2:
        rank = 2
    if rank and len(pieces) != rank:
        message = f"{array} has {_counted(rank)}; here it has {_counted(len(pieces))}."
        raise AnswerError(message, start, end, f"Write {_pattern(array, rank)}.")
    is_delta = array in KRONECKER and array not in vocabulary.shapes
    return Tree("entry", indices, "delta" if is_delta else array, start, end)


def _counted(number: int) -> str:
    """A number of indices in words."""
    return f"{number} index" if number == 1 else f"{number} indices"


def without_indices(array: str, start: int, end: int, vocabulary: Vocabulary) -> AnswerError:
    """The error for an array that stands alone."""
    repair = f"Write {_pattern(array, len(vocabulary.shapes[array]))}."
    return AnswerError(f"{array} is an array; here it has no indices.", start, end, repair)


def _array(letters: str, vocabulary: Vocabulary, table: Mapping[str, Meaning]) -> str | None:
    """The canonical name of an array spelled so, or of a delta; None for all else."""
    meaning = table.get(letters)
    name = meaning.value if meaning is not None and meaning.kind in {"name", "array"} else letters
    if name in vocabulary.shapes or (name in KRONECKER and not vocabulary.knows(name)):
        return name
    is_free = vocabulary.names is None and (len(letters) == 1 or name in GREEK)
    return name if is_free and (meaning is None or meaning.kind == "name") else None


def _rank(array: str, vocabulary: Vocabulary) -> int | None:
    """How many indices the array has; None where it was not declared."""
    if array in vocabulary.shapes:
        return len(vocabulary.shapes[array])
    return 2 if array in KRONECKER else None


def _pieces(subscript: str, rank: int) -> list[str]:
    """The indices of a subscript; digits without a comma are one number for a vector, else one each."""
    inner = subscript.removeprefix("_").strip("{}")
    split = "," in inner or " " in inner.strip()
    found: list[str] = []
    for part in re.split(r"[,\s]+", inner.strip()):
        if part in GREEK:
            found.append(part)
            continue
        for piece in _PIECE.findall(part):
            found.extend(piece if piece.isdigit() and rank > 1 and not split else [piece])
    return found


def _leading(pieces: list[str], subscript: str, vocabulary: Vocabulary) -> list[str]:
    """The names a sum runs over: without braces they end where a declared name begins."""
    if subscript.startswith("_{"):
        return pieces
    own = list(takewhile(lambda piece: not _names_follow(piece, vocabulary), pieces[1:]))
    return [*pieces[:1], *own]


def _names_follow(letter: str, vocabulary: Vocabulary) -> bool:
    """Whether this letter begins another factor and is no index."""
    return letter not in (vocabulary.indices or ()) and (letter in vocabulary.shapes or vocabulary.knows(letter))


def _pattern(array: str, rank: int) -> str:
    return f"{array}_{'ijkl'[:rank]}"
