"""Variants as the pages show them; making one takes a moment, so the last ones are kept."""

from __future__ import annotations

from functools import lru_cache

from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variant import Variant
from grader.bank.variants import make_variant
from grader.bank.wording import ENGLISH
from grader.services import ready_variants
from grader.services.attempts import AttemptView, InHand
from grader.web.state import database


@lru_cache(maxsize=512)
def variant_at(source: str, seed: int, language: str = ENGLISH) -> Variant:
    """The variant of a problem's text at a seed, in a language if it is translated into it."""
    return make_variant(_problem(source), seed, language=language)


def variant_of(attempt: AttemptView | InHand, language: str = ENGLISH) -> Variant:
    """The variant that a student has in hand: read, where it was made ahead, else made now."""
    return _read_or_made(attempt.problem_source, attempt.seed, language)


@lru_cache(maxsize=512)
def _read_or_made(source: str, seed: int, language: str) -> Variant:
    return ready_variants.find(database(), source, seed, language) or variant_at(source, seed, language)


@lru_cache(maxsize=128)
def _problem(source: str) -> Problem:
    """The problem of a text, which many students have in hand at once."""
    return load_problem(source, "problem")
