"""The names of a problem: what each stands for, and who may use it where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from grader.bank.source import Document, Path
from grader.errors import BankError
from grader.reading.names import canonical

VARIABLE, SYMBOL, PARAMETER, DERIVED = "variable", "symbol", "parameter", "derived quantity"
_SECTIONS = (("variables", VARIABLE), ("symbols", SYMBOL), ("parameters", PARAMETER), ("derived", DERIVED))


@dataclass
class Names:
    """Canonical names with their roles, and the spelling of each in the file."""

    roles: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)

    def of(self, *roles: str) -> tuple[str, ...]:
        """The names with these roles, in the order of the file."""
        return tuple(name for name, role in self.roles.items() if role in roles)

    def path(self, name: str) -> Path:
        """Where the name is declared."""
        return self.paths[name]


def declared_names(document: Document, errors: list[BankError]) -> Names:
    """All names of a file; a name that is declared twice is a fault."""
    names = Names()
    for section, role in _SECTIONS:
        for raw, path in _entries(document, section):
            name = canonical(raw)
            if name in names.roles:
                earlier = names.paths[name]
                line = (document.keys.get(earlier) or document.values[earlier]).line
                message = f"{raw!r} is already a {names.roles[name]} (line {line})."
                errors.append(document.error(path, message, "Rename one of the two.", at_key=section != "symbols"))
                continue
            names.roles[name], names.paths[name] = role, path
    return names


def _entries(document: Document, section: str) -> Iterable[tuple[str, Path]]:
    data = document.value((section,))
    if isinstance(data, Mapping):
        return [(raw, (section, raw)) for raw in data]
    if isinstance(data, list):
        return [(raw, (section, place)) for place, raw in enumerate(data) if isinstance(raw, str)]
    return []


def first_cycle(uses: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """A row of names each of which uses the next and the last the first; empty where there is none."""
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return tuple(reversed(cycle[1:]))
    return ()
