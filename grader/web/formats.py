"""How values are written in templates: marks, moments, words."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from flask import Flask
from markupsafe import Markup

FINITE = 1000  # a score that is a whole number of these is written out; others are rounded to two places


def marks(value: Fraction | float) -> str:
    """Points as a decimal: 2, 1.5, 0.67.

    >>> marks(Fraction(3, 2)), marks(Fraction(2, 3)), marks(Fraction(2))
    ('1.5', '0.67', '2')
    """
    exact = Fraction(value)
    if (exact * FINITE).denominator == 1:
        return f"{float(exact):.3f}".rstrip("0").rstrip(".")
    return f"{float(exact):.2f}".rstrip("0").rstrip(".")


def moment(value: datetime) -> Markup:
    """A moment for a person and, in the attribute, for the script that puts it into their time zone."""
    utc = value.astimezone(UTC)
    shown = f"{utc:%a} {utc.day} {utc:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(timespec="seconds"), shown)


def words(identifier: str) -> str:
    """An identifier as words: `gradient-descent` as "Gradient descent"."""
    return identifier.replace("-", " ").replace("_", " ").capitalize()


def register_formats(app: Flask) -> None:
    """Make them known to templates."""
    app.jinja_env.filters.update(marks=marks, moment=moment, words=words)
