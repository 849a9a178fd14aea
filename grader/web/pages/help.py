"""How to type answers and how they are judged."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.web.notation import EXAMPLES, typed_examples

help_pages = Blueprint("help", __name__)


@help_pages.get("/help/notation")
def notation() -> str:
    """How to type answers: every example is read by the reader itself."""
    return render_template("help/notation.html", section="help", groups=typed_examples(EXAMPLES))
