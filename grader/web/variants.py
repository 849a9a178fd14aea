"""Variants as the pages show them; making one takes a moment, so the last ones are kept."""

from __future__ import annotations

from functools import lru_cache

from grader.bank.loading import load_problem
from grader.bank.variant import Variant
from grader.bank.variants import make_variant


@lru_cache(maxsize=512)
def variant_at(source: str, seed: int) -> Variant:
    """The variant of a problem's text at a seed."""
    return make_variant(load_problem(source, "problem"), seed)
