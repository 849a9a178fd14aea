"""Lists that take long to work out and are soon asked for again, packed: what each mistake makes of a part's key.

Whoever tries a part again, or has the same numbers as others, is compared with the same wrong answers.
"""

from __future__ import annotations

import pickle
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import sha256
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")
MOST = 1024
QUICK = 1
"""How hard zlib tries: these lists say the same over and over, so little is enough."""


class Recalled(Generic[T]):
    """The last lists that were worked out; used by several threads at once."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Any, work_out: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """The list for this question, of which it is a function; what goes wrong in working it out is raised."""
        key = sha256(pickle.dumps(question, pickle.HIGHEST_PROTOCOL)).digest()
        with self._lock:
            packed = self._kept.get(key)
            if packed is not None:
                self._kept.move_to_end(key)
        if packed is not None:
            known: tuple[T, ...] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - it was packed below
            return known
        found = tuple(work_out())
        packed = zlib.compress(pickle.dumps(found, pickle.HIGHEST_PROTOCOL), QUICK)
        with self._lock:
            self._kept[key] = packed
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
