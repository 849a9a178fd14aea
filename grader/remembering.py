"""The last verdicts of this process, by what they are a function of: a part with its key, and what was answered.

Where the numbers of a problem are few, many students have the same part in hand, and many send the same.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from grader.bank.variant import VariantPart
from grader.checking.verdict import Outcome
from grader.grading import PartResult

MOST = 8192
LARGEST = 2048
"""Results of more bytes are not kept, so that all of them are not too many."""
LASTING = frozenset({Outcome.EQUAL, Outcome.DIFFERENT, Outcome.WRONG_FORM, Outcome.INVALID})
"""What another look at the same answer finds again; an answer that was given up, or is for a person, is judged anew."""


class Remembered:
    """Verdicts on parts, the latest of them; used by several threads at once."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = Lock()

    def find(self, part: VariantPart, text: str) -> PartResult | None:
        """The result of this answer to the part, where it was judged here before."""
        key = _key(part, text)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
        result: PartResult = pickle.loads(found)  # noqa: S301 - it was packed below
        return result

    def keep(self, part: VariantPart, text: str, result: PartResult) -> None:
        """Remember a result that is for good, in the place of the one that was asked for longest ago."""
        if result.outcome not in LASTING or any(entry.outcome not in LASTING for entry in result.entries):
            return
        packed = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        if len(packed) > LARGEST:
            return
        with self._lock:
            self._kept[_key(part, text)] = packed
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _key(part: VariantPart, text: str) -> bytes:
    whole = sha256(part.packed)
    whole.update(text.encode("utf-8", "surrogatepass"))
    return whole.digest()
