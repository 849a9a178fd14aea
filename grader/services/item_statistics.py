"""What answers say of problems: the formulas of item analysis, as pure functions of numbers.

Difficulty and discrimination are those of classical test theory, as in Crocker and Algina, Introduction to
Classical and Modern Test Theory (1986), chapter 14.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atanh, exp, fsum, lgamma, sqrt, tanh

Z95 = 1.959963984540054
"""The normal quantile of two-sided 95 %."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Share:
    """So many `hits` of `total`, with a 95 % interval for the share behind it (all of [0, 1] where total is 0)."""

    hits: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share that was seen, None where nothing was."""
        return self.hits / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation with a 95 % interval."""

    value: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Quartiles:
    """A quarter of the values lies below `first`, half below `median`, three quarters below `third`."""

    first: float
    median: float
    third: float
    count: int


def share(hits: int, total: int) -> Share:
    """The share with Wilson's score interval, which is sound for few answers and for shares near 0 and 1.

    Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

    >>> found = share(8, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    if not total:
        return Share(0, 0, 0.0, 1.0)
    seen, square = hits / total, Z95 * Z95
    middle = (seen + square / (2 * total)) / (1 + square / total)
    half = Z95 / (1 + square / total) * sqrt(seen * (1 - seen) / total + square / (4 * total * total))
    return Share(hits, total, max(0.0, middle - half), min(1.0, middle + half))


def difficulty(shares: Sequence[float]) -> float | None:
    """The mean share of the points, from 0 (nobody has any) to 1; the higher, the easier."""
    return fsum(shares) / len(shares) if shares else None


def discrimination(item: Sequence[float], rest: Sequence[float]) -> Correlation | None:
    """The corrected item-total correlation: points for an item against those for all the rest.

    For an item that is right or wrong this is the point-biserial correlation; leaving the item out of the
    total keeps it from being correlated with itself. The interval is Fisher's, by z = artanh r.
    None where there are fewer than four, or all have the same.
    """
    value = correlation(item, rest)
    if value is None or len(item) < 4:
        return None
    if abs(value) >= 1 - ROUNDING:
        return Correlation(value, value, value, len(item))
    middle, half = atanh(value), Z95 / sqrt(len(item) - 3)
    return Correlation(value, tanh(middle - half), tanh(middle + half), len(item))


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's correlation; None where one side is the same throughout.

    >>> round(correlation([1, 2, 3, 4], [2, 1, 4, 3]), 3)
    0.6
    """
    count = len(first)
    if not count:
        return None
    middle, other = fsum(first) / count, fsum(second) / count
    squares = fsum((x - middle) ** 2 for x in first), fsum((y - other) ** 2 for y in second)
    if min(squares) < ROUNDING:
        return None
    product = fsum((x - middle) * (y - other) for x, y in zip(first, second, strict=True))
    return max(-1.0, min(1.0, product / sqrt(squares[0] * squares[1])))


def quartiles(values: Sequence[float]) -> Quartiles | None:
    """The quartiles, by linear interpolation between the values in order; None where there are none.

    Hyndman and Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996), type 7.

    >>> quartiles([1, 2, 3, 4])
    Quartiles(first=1.75, median=2.5, third=3.25, count=4)
    """
    if not values:
        return None
    row = sorted(values)

    def at(part: float) -> float:
        place = part * (len(row) - 1)
        below = int(place)
        above = min(below + 1, len(row) - 1)
        return row[below] + (row[above] - row[below]) * (place - below)

    return Quartiles(at(0.25), at(0.5), at(0.75), len(row))


def fisher_exact(hits: int, total: int, other_hits: int, other_total: int) -> float:
    """How likely two shares so far apart are by chance alone, two-sided: Fisher's exact test.

    Exact for small groups, too, where the chi-square test is not. The tables that are at most as likely as
    the one that was seen are summed up. Fisher, The Design of Experiments (1935), chapter 2.

    >>> round(fisher_exact(3, 4, 1, 4), 4)
    0.4857
    """
    all_hits, everybody = hits + other_hits, total + other_total
    chance = _hypergeometric(total, other_total, all_hits)
    seen = chance(hits) * (1 + 1e-7)
    least, most = max(0, all_hits - other_total), min(all_hits, total)
    if not everybody:
        return 1.0
    return min(1.0, fsum(each for count in range(least, most + 1) if (each := chance(count)) <= seen))


def holm(chances: Sequence[float]) -> list[float]:
    """The chances of several tests, made larger so that all together raise a false alarm in one of twenty at 0.05.

    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    found, largest = [1.0] * len(chances), 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=lambda each: chances[each])):
        largest = max(largest, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = largest
    return found


def _hypergeometric(total: int, other_total: int, all_hits: int) -> Callable[[int], float]:
    """How likely each number of hits is in the first group, where chance alone deals them out."""
    whole = _log_choose(total + other_total, all_hits)

    def chance(count: int) -> float:
        return exp(_log_choose(total, count) + _log_choose(other_total, all_hits - count) - whole)

    return chance


def _log_choose(total: int, count: int) -> float:
    """The logarithm of a binomial coefficient."""
    return _log_factorial(total) - _log_factorial(count) - _log_factorial(total - count)


@lru_cache(maxsize=4096)
def _log_factorial(number: int) -> float:
    return lgamma(number + 1)
