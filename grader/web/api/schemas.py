"""What all bodies share: strict ones that come in, ones that go out, points and pages."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from grader.bank.variant import points_to_json

LONGEST_TEXT = 20_000
MOST_ON_A_PAGE = 100
LARGEST_POINTS = 1_000_000
EARLIEST_YEAR, LATEST_YEAR = 1970, 9000


class Given(BaseModel):
    """A body that comes in: unknown fields are refused and nothing is turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Shown(BaseModel):
    """A body that goes out, made from a view of the services."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _plain(value: Any) -> Any:
    """Exact points as a JSON number."""
    return points_to_json(value) if isinstance(value, Fraction) else value


Points = Annotated[
    int | float, BeforeValidator(_plain), WithJsonSchema({"type": "number", "minimum": 0, "examples": [2, 1.5]})
]


def _in_utc(moment: datetime) -> datetime:
    """The same moment, written the same way whatever zone it came in."""
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


def _near_our_time(moment: datetime) -> datetime:
    """A moment that every database and time zone can hold."""
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        message = f"The year must be from {EARLIEST_YEAR} to {LATEST_YEAR}."
        raise ValueError(message)
    return moment


GivenMoment = Annotated[AwareDatetime, AfterValidator(_near_our_time)]


class Paging(BaseModel):
    """Which page of a list; a query is text, so numbers are read from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=50, ge=1, le=MOST_ON_A_PAGE, description="The most items in the answer.")
    cursor: str | None = Field(
        default=None,
        max_length=500,
        pattern=r"^[A-Za-z0-9_-]*$",
        description='Where to go on, from the address in `Link: rel="next"`.',
    )


def exact(number: float) -> Fraction:
    """A JSON number as the decimal that was written, so that 0.1 is a tenth."""
    return Fraction(str(number))


class FaultShown(Shown):
    """One thing that is wrong with a request, and where."""

    detail: str = Field(examples=["This is missing."])
    pointer: str | None = Field(
        default=None, description="The place in the body, a JSON pointer as a URI fragment.", examples=["#/title"]
    )
    parameter: str | None = Field(default=None, description="The query parameter or header.", examples=["limit"])


class ProblemDetails(Shown):
    """An error after RFC 9457."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(description="What the status means.", examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="A sentence for a person.", examples=["There is no such course."])
    code: str | None = Field(default=None, description="The kind of error, for programs.", examples=["not-found"])
    errors: list[FaultShown] | None = Field(default=None, description="All that is wrong with the request.")
    identifier: str | None = Field(
        default=None, description="What a defect is logged under; tell it to whoever runs the server."
    )
