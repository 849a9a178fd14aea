"""Work in the background: what waits, and what failed so often that staff have to look at it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from grader.services import dead_jobs
from grader.web.auth import current_actor
from grader.web.state import database, state

jobs = Blueprint("jobs", __name__)


@jobs.get("/jobs")
def index() -> str:
    """All that waits, and the dead jobs (staff)."""
    return render_template("jobs/index.html", section="jobs", backlog=dead_jobs.backlog(database(), current_actor()))


@jobs.post("/jobs/<int:job_id>/again")
def try_again(job_id: int) -> ResponseReturnValue:
    """Have a dead job tried again."""
    dead_jobs.try_again(database(), state().clock, current_actor(), job_id)
    flash(_("It is tried again."), "accent")
    return redirect(url_for("jobs.index"), 303)


@jobs.post("/jobs/<int:job_id>/remove")
def remove(job_id: int) -> ResponseReturnValue:
    """Forget a dead job."""
    dead_jobs.remove(database(), state().clock, current_actor(), job_id)
    flash(_("The job is removed."), "accent")
    return redirect(url_for("jobs.index"), 303)
