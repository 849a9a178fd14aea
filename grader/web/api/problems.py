"""The bank: its problems, and their variants at a seed."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from grader.bank.problem import Problem
from grader.services.access import Actor
from grader.web.api.bearer import may_see_keys
from grader.web.api.limits import VARIANTS
from grader.web.api.machinery import machinery
from grader.web.api.paging import page
from grader.web.api.routes import Reply, Route
from grader.web.api.schemas import Given, Paging, Points, Shown
from grader.web.api.variants import VariantShown, show_variant
from grader.web.state import state
from grader.web.variants import variant_at

LARGEST_SEED = 2**53 - 1  # as large as every JSON reader keeps exactly


class ProblemLine(Shown):
    """A problem in a list."""

    id: str = Field(examples=["jacobian-polynomial-map"])
    title: str = Field(examples=["Jacobian of a polynomial map"])
    topic: str = Field(examples=["jacobians"])
    family: str = Field(examples=["5.1"])
    level: str = Field(examples=["standard"])
    version: str = Field(description="The hash of the problem's text.")
    max_score: Points


class ProblemList(Shown):
    """A page of problems."""

    items: list[ProblemLine]


class PartLine(Shown):
    """A question before the numbers are put in."""

    id: str
    type: str
    points: Points


class ProblemShown(ProblemLine):
    """A problem with its parts."""

    parts: list[PartLine]


class ProblemQuery(Paging):
    """Which problems."""

    topic: str | None = Field(default=None, max_length=100, description="Only of this topic.", examples=["jacobians"])
    level: str | None = Field(default=None, max_length=100, description="Only of this level.", examples=["standard"])


class NewVariant(Given):
    """Which variant."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"seed": 7}]})

    seed: int = Field(ge=0, le=LARGEST_SEED)


def list_problems(actor: Actor, query: ProblemQuery) -> Reply:
    """The problems of the bank, by id."""
    del actor
    found = [
        problem
        for _, problem in sorted(state().bank.problems.items())
        if query.topic in (None, problem.topic) and query.level in (None, problem.level)
    ]
    shown, headers = page(found, query, lambda problem: problem.id)
    return Reply(ProblemList(items=[ProblemLine.model_validate(problem) for problem in shown]), headers=headers)


def show_problem(actor: Actor, problem_id: str) -> Reply:
    """One problem."""
    del actor
    problem: Problem = state().bank.problem(problem_id)
    return Reply(ProblemShown.model_validate(problem))


def create_variant(actor: Actor, problem_id: str, body: NewVariant) -> Reply:
    """The variant at a seed, with the keys for staff and teachers."""
    problem = state().bank.problem(problem_id)
    machinery().allowances.spend(VARIANTS, actor, "variants")
    variant = variant_at(problem.source, body.seed)
    return Reply(show_variant(variant, with_keys=may_see_keys(actor)))


ROUTES = (
    Route(
        "GET",
        "/problems",
        list_problems,
        "problems:read",
        "List the problems of the bank",
        {200: ProblemList},
        query=ProblemQuery,
        gives={"problem_id": "/items/0/id"},
    ),
    Route(
        "GET",
        "/problems/<string:problem_id>",
        show_problem,
        "problems:read",
        "Show a problem",
        {200: ProblemShown},
        errors=(404,),
    ),
    Route(
        "POST",
        "/problems/<string:problem_id>/variants",
        create_variant,
        "problems:read",
        "Make a variant",
        {200: VariantShown},
        description=(
            "The same problem version and seed give the same variant for ever. Nothing is stored. "
            "Keys and solutions are in it for staff and teachers only."
        ),
        body=NewVariant,
        errors=(404, 429),
    ),
)
