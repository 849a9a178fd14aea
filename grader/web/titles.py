"""Titles of problems in the language of the page, wherever they are listed."""

from __future__ import annotations

from flask import Flask

from grader.bank.loading import Bank
from grader.web.languages import page_language


def register_titles(app: Flask, bank: Bank) -> None:
    """Make the filter `titled` known to templates.

    What is stored with an assignment is the title in English; the others stand in the problems of the bank, and a copy
    that kept its title has them, too. A title that is not translated stays as it is.
    """
    local = {
        language: {each.title: each.titles[language] for each in bank.problems.values() if language in each.titles}
        for language in {language for each in bank.problems.values() for language in each.titles}
    }

    def titled(title: str) -> str:
        """The title as whoever looks reads it."""
        return local.get(page_language(), {}).get(title, title)

    app.jinja_env.filters["titled"] = titled
