"""How values are written in templates: marks, moments, words, links to styles and scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, has_request_context, url_for
from flask_babel import get_locale
from markupsafe import Markup

from grader.web.assets import Assets
from grader.web.languages import page_language, page_zone, wished_zone

FINITE = 1000  # a score that is a whole number of these is written out; others are rounded to two places
MOMENTS = {"en": "EEE d MMM y, HH:mm", "de": "EEE, d. MMM y, HH:mm"}
ALMOST = 2
"""So many of a unit there must be before it is used: 47 hours, and then 2 days."""


def marks(value: Fraction | float) -> str:
    """Points as a decimal, with the comma or point of the page's language: 2, 1.5, 0.67.

    >>> marks(Fraction(3, 2)), marks(Fraction(2, 3)), marks(Fraction(2))
    ('1.5', '0.67', '2')
    """
    exact = Fraction(value)
    places = 3 if (exact * FINITE).denominator == 1 else 2
    number = round(Decimal(exact.numerator) / Decimal(exact.denominator), places)
    return format_decimal(number, "0.###", locale=_locale())


def exact_marks(value: Fraction) -> str:
    """Points so that what is printed adds up: as a decimal where that is exact, else as a fraction.

    >>> exact_marks(Fraction(9, 5)), exact_marks(Fraction(2, 3)), exact_marks(Fraction(7, 3))
    ('1.8', '2/3', '2 1/3')
    """
    if (value * FINITE).denominator == 1:
        return marks(value)
    whole, rest = divmod(abs(value), 1)
    sign = "−" if value < 0 else ""
    return f"{sign}{whole} {rest}" if whole else f"{sign}{rest}"


def moment(value: datetime) -> Markup:
    """A moment in the time zone of the person; where none is known in UTC, named, for the script to translate."""
    locale = _locale()
    zone = page_zone() if has_request_context() else None
    shown = format_datetime(value, MOMENTS[locale.language], tzinfo=zone or UTC, locale=locale)
    utc = value.astimezone(UTC).isoformat(timespec="seconds")
    if zone:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(utc, zone, shown)
    return Markup('<time datetime="{}" data-utc>{} UTC</time>').format(utc, shown)


def span(value: timedelta) -> str:
    """How long from now, in words: "in 5 hours", "2 days ago"."""
    return format_timedelta(value, "minute", threshold=ALMOST, add_direction=True, locale=_locale())


def words(identifier: str) -> str:
    """An identifier as words: `gradient-descent` as "Gradient descent"."""
    return identifier.replace("-", " ").replace("_", " ").capitalize()


def register_formats(app: Flask, assets: Assets) -> None:
    """Make them known to templates."""

    def style_sheet(name: str) -> Markup:
        """The link to a style sheet of the static folder."""
        address = url_for("static", filename=name, v=assets.styles[name])
        return Markup('<link rel="stylesheet" href="{}">').format(address)

    def module(name: str) -> Markup:
        """The element that loads a built script; nothing where none is built."""
        file = assets.scripts.get(name)
        if file is None:
            return Markup("")
        return Markup('<script type="module" src="{}"></script>').format(url_for("static", filename=file))

    app.jinja_env.filters.update(marks=marks, exact_marks=exact_marks, moment=moment, span=span, words=words)
    app.jinja_env.globals.update(
        style_sheet=style_sheet, module=module, wished_zone=wished_zone, page_language=page_language
    )


def _locale() -> Locale:
    """The page's; English where there is none."""
    found = get_locale() if has_request_context() else None
    return found if isinstance(found, Locale) and found.language in MOMENTS else Locale("en")
