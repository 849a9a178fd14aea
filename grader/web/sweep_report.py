"""A sweep as one HTML page that needs nothing else: plots, numbers, findings with their seeds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.bank.findings import ERROR, Finding, seeds_text
from grader.bank.measuring import MEASURES, Measure, Summary, summaries
from grader.bank.problem import Problem
from grader.sweep import ProblemSweep
from grader.web.assets import STATIC
from grader.web.charts import columns, histogram

TEMPLATES = STATIC.parent / "templates"
_FONT = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Swept:
    """A problem with what its seeds showed."""

    problem: Problem
    sweep: ProblemSweep
    measures: tuple[Measure, ...]

    @property
    def summaries(self) -> Mapping[str, Summary]:
        """Each measure over its variants."""
        return summaries(self.measures)

    @property
    def errors(self) -> int:
        """How many findings must be mended."""
        return sum(finding.severity == ERROR for finding in self.sweep.findings)


def sweep_page(swept: Sequence[Swept], broken: Sequence[Finding], seeds: int) -> str:
    """The page: an overview, then each problem."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(number=_number, seeds=seeds_text)
    return environment.get_template("reports/sweep.html").render(
        swept=swept,
        broken=broken,
        seeds=seeds,
        style=Markup(_style()),  # noqa: S704 - our own files
        measures=MEASURES,
        overview=_overview(swept),
        plots=_plots,
    )


def _style() -> str:
    """The product's style sheet without its fonts, which would be asked for, and that of the page."""
    product = (STATIC / "style.css").read_text(encoding="utf-8")
    return _FONT.sub("", product) + (STATIC / "report.css").read_text(encoding="utf-8")


def _overview(swept: Sequence[Swept]) -> list[tuple[str, Markup]]:
    """How the problems lie, measure by measure."""
    distinct = [each.sweep.distinct / max(each.sweep.seeds, 1) * 100 for each in swept]
    found = [("Different variants, in percent of the seeds", columns("Different variants in percent", distinct))]
    for name, title in MEASURES.items():
        values = [each.summaries[name].middle for each in swept]
        found.append((f"{title}, the median of each problem", columns(title, values)))
    return found


def _plots(each: Swept) -> list[tuple[str, Any]]:
    """The plots of one problem: its parameters, then its measures."""
    found = []
    for name in each.problem.parameters:
        texts = [measure.parameters[name] for measure in each.measures if name in measure.parameters]
        found.append((f"Parameter {name}", histogram(f"Parameter {name}", texts)))
    for name, title in MEASURES.items():
        found.append((title, columns(title, [float(getattr(measure, name)) for measure in each.measures])))
    return found


def _number(value: float) -> str:
    return f"{value:.4g}"
