"""One application of a rule, and a result together with the steps that led to it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.reading.tree import Tree

# Where a rule leaves a derivative to the steps below it, its outline has this call.
PENDING = "derivative"


@dataclass(frozen=True, slots=True)
class Step:
    """A rule turned `before` into `after`; `path` says which argument of which, from the whole.

    `variable` is what was differentiated by, empty for steps of another kind. `outline` is the
    result with the inner derivatives still to be taken, where the rule leaves some; `depth`
    counts the rules around this one.
    """

    rule: str
    before: Tree
    after: Tree
    variable: str = ""
    path: tuple[int, ...] = ()
    outline: Tree | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Derivation:
    """A result and the steps in the order in which they are taken, the outermost rule first."""

    tree: Tree
    steps: tuple[Step, ...] = ()
