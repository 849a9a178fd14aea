"""Answers in words: convex or concave, minimum, maximum or saddle."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_OPPOSITES = (("convex", "concave"), ("positive", "negative"), ("pd", "nd"), ("psd", "nsd"))
_KINDS = frozenset({"minimum", "maximum", "saddle", "min", "max"})


def mistake_in_words(right: Sequence[str], given: Sequence[str], options: Mapping[str, str]) -> str | None:
    """What a wrong choice says, judged by the words of the options; None where they are about something else."""
    if len(right) != 1 or len(given) != 1 or right == given:
        return None
    wanted, chosen = _words(right[0], options), _words(given[0], options)
    if wanted & _KINDS and chosen & _KINDS and not wanted & chosen & _KINDS:
        return "critical-point-kind-wrong"
    pairs = ((a, b) for pair in _OPPOSITES for a, b in (pair, pair[::-1]))
    for one, other in pairs:
        is_turned = one in wanted - chosen and other in chosen - wanted
        if is_turned and wanted - {one} <= chosen:
            return "convex-concave-swapped"
    return None


def _words(option: str, options: Mapping[str, str]) -> frozenset[str]:
    """The words of the text of an option, or of its id where it has none."""
    return frozenset(re.findall(r"[a-z]+", options.get(option, option).lower()))
