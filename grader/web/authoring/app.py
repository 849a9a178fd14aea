"""The pages of `grader bank preview`: one problem file, and a list where there are several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from jinja2 import StrictUndefined

from grader.bank.findings import Finding
from grader.bank.loading import load_file
from grader.bank.problem import Problem
from grader.bank.variant import Variant
from grader.bank.wording import LANGUAGES
from grader.errors import BankErrors, InvalidRequest, NotFound
from grader.grading import grade
from grader.services.examining import variant_or_faults
from grader.web.assets import find_assets
from grader.web.authoring.drafts import Draft, Drafts
from grader.web.authoring.sweeping import Progress, Sweeper
from grader.web.fields import response_of, typed_of
from grader.web.findings import shown_finding
from grader.web.formats import register_formats
from grader.web.headers import add_headers
from grader.web.languages import wished_language
from grader.web.pages.help import help_pages
from grader.web.parts import part_views, prompt_of, solution_of
from grader.web.previews import preview_of, preview_to_json
from grader.web.typesetting import markdown_to_html

LARGEST_REQUEST = 1_000_000  # bytes
LAST_SEED = 999_999
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True)
class Desk:
    """What the pages work on."""

    drafts: Drafts
    sweeper: Sweeper

    def progress(self, draft: Draft) -> Progress:
        """How far the sweep of the draft is; a file that cannot be read has none."""
        if draft.problem is None or not draft.is_current:
            return Progress()
        return self.sweeper.progress(draft.key, draft.problem)


def create_authoring_app(desk: Desk) -> Flask:
    """The application for these files."""
    app = Flask("grader.web")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.jinja_env.undefined = StrictUndefined
    Babel(app, locale_selector=wished_language)
    register_formats(app, find_assets())
    app.context_processor(lambda: {"user": None, "teaches": False, "section": "", "brand": "index"})
    app.before_request(_refuse_other_names)
    app.after_request(add_headers)
    app.register_error_handler(NotFound, lambda error: (_lost(str(error)), 404))
    app.register_error_handler(404, lambda _error: (_lost("There is no such page."), 404))
    app.register_error_handler(InvalidRequest, lambda error: (_lost(str(error)), 400))
    app.register_blueprint(help_pages)
    _add_pages(app, desk)
    return app


def _refuse_other_names() -> None:
    """Answer only to this machine's own names: a page elsewhere may point a name of its own at it."""
    name = request.host.rpartition(":")[0] or request.host
    if name not in OWN_NAMES and request.host not in OWN_NAMES:
        abort(403)


def _lost(message: str) -> str:
    return render_template("authoring/lost.html", message=message)


def _add_pages(app: Flask, desk: Desk) -> None:
    """The addresses."""

    @app.get("/")
    def index() -> ResponseReturnValue:
        keys = desk.drafts.keys()
        if len(keys) == 1:
            return redirect(url_for("show", key=next(iter(keys))))
        return render_template("authoring/index.html", lines=[_line(key, path) for key, path in keys.items()])

    @app.route("/problems/<path:key>", methods=["GET", "POST"])
    def show(key: str) -> str:
        return _page(desk, desk.drafts.draft(key), _seed())

    @app.get("/state/<path:key>")
    def state(key: str) -> Response:
        draft = desk.drafts.draft(key)
        return jsonify({"version": draft.version, "sweep": _stamp(desk.progress(draft))})

    @app.get("/sweeps/<path:key>")
    def sweep(key: str) -> str:
        draft = desk.drafts.draft(key)
        return render_template("authoring/_sweep.html", **_sweep_context(desk, draft, _seed()))

    @app.route("/readings/<path:key>", methods=["POST"])
    def reading(key: str) -> Response:
        draft = desk.drafts.draft(key)
        variant, _ = _variant(draft.problem, _seed())
        part = variant.part(request.form.get("part", "")) if variant is not None else None
        if part is None:
            raise NotFound("There is no such part.")
        return jsonify(preview_to_json(preview_of(part, response_of(part, request.form), typed_of(part, request.form))))


def _line(key: str, path: Path) -> Mapping[str, Any]:
    """A line of the list: what the problem is called, or that it cannot be read."""
    try:
        problem = load_file(path)
    except BankErrors as error:
        return {"key": key, "title": path.name, "faults": len(error.errors), "badges": ()}
    return {"key": key, "title": problem.title, "faults": 0, "badges": (problem.topic, problem.level)}


def _seed() -> int:
    text = request.args.get("seed", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LAST_SEED))):
        raise InvalidRequest(f"A seed is a whole number from 0 to {LAST_SEED}.")
    return int(text)


def _page(desk: Desk, draft: Draft, seed: int) -> str:
    """The file's findings, and beside them its variant with what was typed and how it was judged."""
    variant, faults = _variant(draft.problem, seed)
    texts = {part.id: response_of(part, request.form) for part in variant.parts} if variant else {}
    is_judged = request.method == "POST" and "keep" not in request.form
    context: dict[str, Any] = {"parts": (), "prompt": "", "hints": (), "solution": "", "parameters": ()}
    if variant is not None:
        typed = {part.id: typed_of(part, request.form) for part in variant.parts}
        result = grade(variant, texts).to_json() if is_judged else None
        context = {
            "parts": part_views(variant, texts, result, typed=typed if texts else None, with_evidence=True),
            "prompt": prompt_of(variant),
            "hints": [markdown_to_html(hint) for hint in variant.hints],
            "solution": solution_of(variant),
            "parameters": sorted(variant.parameters.items()),
        }
    return render_template(
        "authoring/show.html",
        last_seed=LAST_SEED,
        end=max(desk.sweeper.seeds - 1, seed, 99),
        faults=[_shown(fault, draft, seed) for fault in faults],
        findings=[_shown(finding, draft, seed) for finding in draft.findings],
        is_judged=is_judged,
        asked_language=request.args.get("language"),
        languages=_languages(draft.problem),
        **_sweep_context(desk, draft, seed),
        **context,
    )


def _languages(problem: Problem | None) -> list[tuple[str, str, bool]]:
    """The languages to choose from, each with its name and whether the page is in it; none where there is one."""
    if problem is None or len(problem.languages) == 1:
        return []
    shown = problem.language_of(wished_language())
    return [(each, LANGUAGES[each], each == shown) for each in problem.languages]


def _variant(problem: Problem | None, seed: int) -> tuple[Variant | None, tuple[Finding, ...]]:
    """The variant, or why there is none at this seed."""
    return (None, ()) if problem is None else variant_or_faults(problem, seed, wished_language())


def _stamp(progress: Progress) -> str:
    return f"{progress.done}/{progress.seeds}{progress.failure}"


def _sweep_context(desk: Desk, draft: Draft, seed: int) -> dict[str, Any]:
    """What the sweep has found that lint has not."""
    progress = desk.progress(draft)
    known = {(each.line, each.column, each.kind) for each in draft.findings}
    shown = [
        _shown(each, draft, seed) for each in progress.findings if (each.line, each.column, each.kind) not in known
    ]
    return {"draft": draft, "progress": progress, "stamp": _stamp(progress), "swept": shown, "seed": seed}


def _shown(finding: Finding, draft: Draft, seed: int) -> Mapping[str, Any]:
    """A finding with the line of the file that it is about, and seeds to go to."""
    is_inside = finding.file == str(draft.path)  # and in no fragment
    return shown_finding(finding, draft.lines if is_inside else (), seed)
