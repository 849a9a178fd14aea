"""Random numbers that are the same on every machine, for ever.

The stream is SHA-256 of a label and a counter: no library's generator, whose algorithm may change
between versions, has a part in it. A change here changes every student's variant, so there must be none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_WORD = 8  # bytes; 64 bits are far more than any range of parameters
_SPAN = 1 << (8 * _WORD)


class Stream:
    """An endless row of 64-bit words that a label determines.

    >>> Stream("example").below(1000) == Stream("example").below(1000)
    True
    """

    def __init__(self, label: str) -> None:
        self._label = label.encode()
        self._block = 0
        self._words: list[int] = []

    def word(self) -> int:
        """The next 64 bits as a number."""
        if not self._words:
            digest = hashlib.sha256(self._label + b"\n" + str(self._block).encode()).digest()
            self._block += 1
            self._words = [int.from_bytes(digest[at : at + _WORD], "big") for at in range(24, -1, -_WORD)]
        return self._words.pop()

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` - 1, each equally likely."""
        if not 0 < bound <= _SPAN:
            raise ValueError(f"The bound must lie between 1 and 2^64, not be {bound}.")
        fair = _SPAN - _SPAN % bound  # words from here on would favour small numbers
        while True:
            word = self.word()
            if word < fair:
                return word % bound

    def one_of(self, choices: Sequence[T]) -> T:
        """One of the choices, each equally likely."""
        return choices[self.below(len(choices))]


def label(problem_id: str, seed: int, attempt: int, parameter: str) -> str:
    """The label of one parameter's stream, independent of all other parameters."""
    return f"grader draw 1\n{problem_id}\n{seed}\n{attempt}\n{parameter}"
