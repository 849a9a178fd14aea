"""Analysis of an assignment and of one problem in it, for its teachers."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services import analysis as service
from grader.services import problem_analysis
from grader.web.auth import current_actor
from grader.web.pages import analysis_plots as plots
from grader.web.pages.analysis_words import FORMATS, TONES, counted, items_reading
from grader.web.state import database
from grader.web.typesetting import line_to_html

analysis = Blueprint("analysis", __name__)


@analysis.get("/assignments/<int:assignment_id>/analysis")
def assignment(assignment_id: int) -> str:
    """The points of an assignment, and its problems, those that need a look first."""
    found = service.assignment_analysis(database(), current_actor(), assignment_id)
    flagged = [item for item in found.items if item.flags & TONES.keys()]
    return render_template(
        "analysis/assignment.html",
        section="courses",
        analysis=found,
        counted=counted(found.counted),
        scores=plots.scores(found) if found.scores else None,
        reading=items_reading(found, len(flagged)),
        needing=TONES,
        **FORMATS,
    )


@analysis.get("/assignments/<int:assignment_id>/problems/<problem_id>/analysis")
def problem(assignment_id: int, problem_id: str) -> str:
    """One problem: its parts, tries and times, variants, values of parameters, mistakes."""
    found = problem_analysis.problem_analysis(database(), current_actor(), assignment_id, problem_id)
    return render_template(
        "analysis/problem.html",
        section="courses",
        analysis=found,
        counted=counted(found.counted),
        successes=[(one, plots.tries(one), plots.times(one)) for one in found.successes],
        variants=plots.variants(found),
        values=[plots.compared(one.name, one.comparison) for one in found.values.tables],
        comparable=any(
            one.groups for one in (found.item.variants, *(table.comparison for table in found.values.tables))
        ),
        line=line_to_html,
        **FORMATS,
    )
