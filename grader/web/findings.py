"""Findings of lint and sweep as pages show them: with the line of the text that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.bank.findings import Finding, seeds_text

SEEDS_LINKED = 8


def shown_finding(finding: Finding, lines: Sequence[str], seed: int) -> Mapping[str, Any]:
    """A finding with the line of the text that it is about, where it is one of these, and seeds to go to."""
    is_inside = 0 < finding.line <= len(lines)
    line = lines[finding.line - 1] if is_inside else ""
    file = f"{Path(finding.file).name}:" if finding.file else ""
    return {
        "severity": finding.severity,
        "place": f"{file}{finding.line}:{finding.column}",
        "row": finding.line,
        "column": finding.column,
        "message": finding.message,
        "repair": finding.repair,
        "line": line if (finding.line, finding.column) != (1, 1) else "",  # there it is about the whole file
        "indent": " " * (finding.column - 1),
        "seeds": [each for each in finding.seeds[:SEEDS_LINKED] if each != seed],
        "more": "" if len(finding.seeds) <= SEEDS_LINKED else seeds_text(finding.seeds).partition(" and ")[2],
        "is_here": seed in finding.seeds,
    }


def by_line(findings: Sequence[Mapping[str, Any]]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """Shown findings by the number of their line."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for each in findings:
        found.setdefault(each["row"], []).append(each)
    return found
