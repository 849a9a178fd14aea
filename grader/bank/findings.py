"""What lint and sweep find: faults and warnings, with the seeds on which they show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from grader.errors import BankError

ERROR, WARNING = "error", "warning"
MOST_SEEDS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend in a file; `kind` is a word for programs, `seeds` are variants that show it."""

    file: str
    line: int
    column: int
    severity: str
    kind: str
    message: str
    repair: str = ""
    problem: str = ""
    seeds: tuple[int, ...] = ()

    @classmethod
    def of(cls, error: BankError, kind: str, severity: str = ERROR, problem: str = "") -> Finding:
        """The finding that a fault of a file is."""
        return cls(error.file, error.line, error.column, severity, kind, error.message, error.repair, problem)

    def at_seed(self, seed: int) -> Finding:
        """The finding, seen on one seed."""
        return replace(self, seeds=(seed,))

    def __str__(self) -> str:
        """file:line:column, what is wrong, what to do, where it shows."""
        warning = "warning: " if self.severity == WARNING else ""
        text = f"{self.file}:{self.line}:{self.column}: {warning}{self.message} {self.repair}".strip()
        return text + (f" (seeds {seeds_text(self.seeds)})" if self.seeds else "")

    def to_json(self) -> dict[str, Any]:
        """The finding for programs."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "severity": self.severity,
            "kind": self.kind,
            "message": self.message,
            "repair": self.repair,
            "problem": self.problem,
            "seeds": list(self.seeds),
        }


def seeds_text(seeds: tuple[int, ...]) -> str:
    """The first few seeds, and how many more."""
    shown = ", ".join(map(str, seeds[:MOST_SEEDS_SHOWN]))
    more = len(seeds) - MOST_SEEDS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of one kind at one place as one, with all their seeds and the first one's words.

    What an example shows as well as a seed is told once.
    """
    table: dict[tuple[str, int, int, str], Finding] = {}
    for finding in findings:
        key = (finding.file, finding.line, finding.column, finding.kind)
        known = table.get(key)
        seeds = finding.seeds if known is None else (*known.seeds, *finding.seeds)
        table[key] = replace(known or finding, seeds=tuple(sorted(set(seeds))))
    seeded = {(found.file, found.line, found.column, found.message) for found in table.values() if found.seeds}
    told = [
        each for each in table.values() if each.seeds or (each.file, each.line, each.column, each.message) not in seeded
    ]
    return tuple(sorted(told, key=lambda found: (found.file, found.line, found.column, found.severity)))
