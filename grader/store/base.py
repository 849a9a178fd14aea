"""What all tables share: names of constraints, and types that mean the same everywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database; one without a time zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone, so there the UTC reading is stored bare."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a time zone cannot be stored"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC, whatever zone the database connection speaks."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Fraction]):
    """An exact rational number, kept as text such as `7/3`, so that storing rounds no marks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        """Numerator and denominator."""
        del dialect
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        """The number that was stored."""
        del dialect
        return None if value is None else exact(value)


@lru_cache(maxsize=4096)
def exact(text: str) -> Fraction:
    """The number that is kept as this text; a table of results holds the same few over and over."""
    return Fraction(text)


class JsonText(TypeDecorator[Any]):
    r"""JSON as ASCII text, the same bytes on every database.

    PostgreSQL's own JSON types refuse U+0000 and lone surrogates, which students do paste; escaped they are kept.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The value as JSON."""
        del dialect
        return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value that was stored."""
        del dialect
        return None if value is None else json.loads(value)


Key = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only in a column named INTEGER

Id = Annotated[int, mapped_column(Key, primary_key=True)]


def reference(table: str) -> ForeignKey:
    """A foreign key to a table's id."""
    return ForeignKey(f"{table}.id")


class Base(DeclarativeBase):
    """The parent of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Key,
        str: Text(),
        datetime: UtcDateTime(),
        Fraction: Exact(),
        dict[str, Any]: JsonText(),
        dict[str, str]: JsonText(),
        list[Any]: JsonText(),
    }


def table_of(row: type[Base]) -> Table:
    """The table of a class of rows, for statements that make none of them."""
    table = row.__table__
    assert isinstance(table, Table)  # noqa: S101 - every row class of ours is one table
    return table
