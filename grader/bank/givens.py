"""What a problem declares, in words for its students: assumptions beside the prompt, layouts beside a part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.bank.wording import say
from grader.checking.domain import INFINITIES, MATRIX_ASSUMPTIONS
from grader.reading.names import Vocabulary
from grader.reading.printing import to_latex
from grader.reading.text import read
from grader.reading.tree import name as name_tree

_PIECE = re.compile(r"\s*([(\[\]])\s*([^,;()\[\]]+)[,;]([^,;()\[\]]+)([)\[\]])\s*")
_UNION = re.compile(r"\s*(?:∪|\bU\b|\bor\b|\bu\b)\s*")
_SIGNS: Mapping[str, str] = {"positive": "> 0", "nonnegative": r"\ge 0", "nonzero": r"\ne 0"}
_PLAIN = Vocabulary(frozenset())
_DIGITS = ("significant_figures", "decimal_places")
_AN = re.compile(r"8|11\b|18\b|[aefhilmnorsx]\b")


def assumptions(variables: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """What is known of the variables, a phrase each, with formulas between dollar signs."""
    return tuple(phrase for name, given in variables.items() for phrase in _of_variable(name, given, language))


def _of_variable(name: str, given: Mapping[str, Any], language: str) -> Iterator[str]:
    shown = to_latex(name_tree(name))
    if given.get("shape"):
        yield from _of_array(shown, given, language)
        return
    signs = [sign for key, sign in _SIGNS.items() if given.get(key)]
    if given.get("integer"):
        yield say("positive-integer" if signs == ["> 0"] else "integer", language, name=shown)
        signs = [] if signs == ["> 0"] else signs
    yield from (f"${shown} {sign}$" for sign in signs)
    if given.get("in") is not None:
        region = _region(shown, given["in"])
        if region:
            yield f"${region}$"


def _of_array(shown: str, given: Mapping[str, Any], language: str) -> Iterator[str]:
    sizes = [str(size) for size in given["shape"]]
    kind = {1: "vector", 2: "matrix"}.get(len(sizes), "array")
    article = "an" if _AN.match(sizes[0]) else "a"
    yield say(kind, language, name=shown, size=r" \times ".join(sizes), article=article)
    yield from (say(key, language, name=shown) for key in MATRIX_ASSUMPTIONS if given.get(key))


def _region(shown: str, region: object) -> str:
    """Where a variable lies, as a chain of inequalities or an element of a union; empty for all reals."""
    if isinstance(region, list):
        lower, upper = map(str, region)
        return _between(shown, "[", lower, upper, "]")
    pieces = [_PIECE.fullmatch(piece) for piece in _UNION.split(str(region))]
    found = [match.groups() for match in pieces if match is not None]
    if len(found) == 1:
        opening, lower, upper, closing = found[0]
        return _between(shown, opening, lower, upper, closing)
    sets = r" \cup ".join(f"{opening}{_end(lower)}, {_end(upper)}{closing}" for opening, lower, upper, closing in found)
    return rf"{shown} \in {sets}"


def _between(shown: str, opening: str, lower: str, upper: str, closing: str) -> str:
    """The variable between its ends, of which infinite ones are left out."""
    from_below, to_above = not _is_infinite(lower), not _is_infinite(upper)
    least = r"\le" if opening == "[" else "<"
    most = r"\le" if closing == "]" else "<"
    if from_below and to_above:
        return f"{_end(lower)} {least} {shown} {most} {_end(upper)}"
    if from_below:
        above = r"\ge" if opening == "[" else ">"
        return f"{shown} {above} {_end(lower)}"
    return f"{shown} {most} {_end(upper)}" if to_above else ""


def _is_infinite(end: str) -> bool:
    return end.strip().lstrip("+-−").strip() in INFINITIES


def _end(text: str) -> str:
    return to_latex(read(text, _PLAIN).tree)


def notes(kind: str, settings: Mapping[str, Any], task: Mapping[str, Any] | None, language: str) -> tuple[str, ...]:
    """How the answer to a part is to be written, a sentence each."""
    found: list[str] = []
    if settings.get("layout") in {"row", "column"}:
        what = "gradient" if task and "gradient" in task else "vector"
        found.append(say(f"{what}-{settings['layout']}", language))
    tolerance = settings.get("tolerance") or {}
    found += [say(key, language, count=tolerance[key]) for key in _DIGITS if key in tolerance]
    if kind == "indexed-expression" and settings.get("indices"):
        ranges = ", ".join(rf"${index} = 1, \dots, {size}$" for index, size in settings["indices"].items())
        found.append(say("indices", language, ranges=ranges))
    return tuple(found)
