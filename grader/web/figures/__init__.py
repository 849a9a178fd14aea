"""Figures of problems as SVG, drawn on the server: text in, markup out, nothing loaded and no script."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from grader.bank.drawings import drawing_of
from grader.bank.figures import Figure
from grader.errors import AnswerError
from grader.web.figures.graphs import graph_svg
from grader.web.figures.planes import plane_svg
from grader.web.figures.words import alternative, of_graph, title_of


def figures_html(figures: Sequence[Figure], language: str, prefix: str = "figure") -> Markup:
    """All figures of a text, each with a caption; `prefix` keeps their ids apart on a page."""
    return Markup().join(_one(figure, language, f"{prefix}-{place}") for place, figure in enumerate(figures, 1))


def _one(figure: Figure, language: str, id: str) -> Markup:
    """One figure; where the numbers of a variant leave nothing to draw, its words alone."""
    title = figure.title or title_of(figure, language)
    caption = Markup("<figcaption>{}</figcaption>").format(title)
    try:
        if figure.kind == "graph":
            words, drawn, height = figure.description or of_graph(figure, language), *graph_svg(figure)
        else:
            drawing = drawing_of(figure)
            words = figure.description or alternative(figure, drawing, language)
            drawn, height = plane_svg(drawing, id)
    except AnswerError:
        return Markup('<figure class="figure">{}</figure>').format(caption)
    head = Markup(
        '<svg viewBox="0 0 360 {height}" role="img" aria-labelledby="{id}-title {id}-words">'
        '<title id="{id}-title">{title}</title><desc id="{id}-words">{words}</desc>'
    ).format(height=height, id=id, title=title, words=words)
    return Markup('<figure class="figure">{}{}</svg>{}</figure>').format(head, drawn, caption)
