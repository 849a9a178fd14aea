"""What the API has of its own beside the state of the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from grader.pairs import Judgement, Pair
from grader.web.api.deprecations import DEPRECATED, Deprecation
from grader.web.api.limits import Allowances

KEY = "grader-api"
Judge = Callable[[Pair], Judgement]
"""In the product `isolation.judge_within` with its limits bound."""


@dataclass(frozen=True, slots=True)
class Machinery:
    """The judge of single pairs, how long a list may take, what each person may still ask for, what is to go."""

    judge: Judge
    list_seconds: float = 20.0
    allowances: Allowances = field(default_factory=Allowances)
    deprecated: Mapping[str, Deprecation] = field(default_factory=lambda: DEPRECATED)


def machinery() -> Machinery:
    """That of the application which handles this request."""
    return cast("Machinery", current_app.extensions[KEY])
