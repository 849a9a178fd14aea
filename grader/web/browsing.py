"""The problems of the bank as lists show them and as searches look through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from grader.bank.loading import Bank
from grader.services.browsing import Card, Wanted
from grader.services.problems import words_of

FIELDS = ("text", "topic", "level", "family", "owner")
LEVELS = ("drill", "standard", "stretch")
LONGEST_FILTER = 100


def shipped_cards(bank: Bank) -> Iterator[tuple[Card, str]]:
    """A card for each problem of the bank, with the words of its title and prompt."""
    for problem in bank.problems.values():
        yield _card(bank, problem.id, problem.version)


@lru_cache(maxsize=10_000)
def _words(version: str) -> list[str]:
    """A place for the words of a version, which are looked up once."""
    del version
    return []


def _card(bank: Bank, id: str, version: str) -> tuple[Card, str]:
    problem, kept = bank.problems[id], _words(version)
    if not kept:
        kept.append(words_of(problem))
    return Card(id, problem.title, problem.topic, problem.level, problem.family, version), kept[0]


def wanted_in(values: Mapping[str, str], prefix: str = "") -> Wanted:
    """The filter that a query or a form holds."""
    return Wanted(**{name: values.get(prefix + name, "").strip()[:LONGEST_FILTER] for name in FIELDS})
