"""Which engine judges here: a name that changes with whatever a verdict, a mark or a variant depends on.

It is stored with every result. What was kept under another name is judged or made anew, so nobody
has to remember to raise a number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable

JUDGING = (
    *("answers", "bank", "calculus", "checking", "mistakes", "reading"),
    *("errors.py", "grading.py", "loading.py", "pairs.py", "single.py"),
)
"""The packages and modules that a verdict, a mark or a variant comes from: all layers from `grading` down."""
LIBRARIES = ("sympy", "numpy", "python-flint")
LENGTH = 16


@cache
def present_engine() -> str:
    """The name of the engine of this installation, worked out when it is first asked for."""
    return name_of(resources.files("grader"), tuple(version(library) for library in LIBRARIES))


def name_of(package: Traversable, versions: tuple[str, ...]) -> str:
    """The name that these sources have with these versions of the libraries."""
    digest = hashlib.sha256(" ".join(versions).encode())
    for path, source in _sources(package):
        digest.update(f"\n{path} {len(source)}\n".encode())
        digest.update(source)
    return digest.hexdigest()[:LENGTH]


def _sources(package: Traversable) -> Iterator[tuple[str, bytes]]:
    for name in JUDGING:
        place = package / name
        if place.is_file():
            yield name, place.read_bytes()
        else:
            for each in sorted(place.iterdir(), key=lambda found: found.name):
                if each.name.endswith(".py"):
                    yield f"{name}/{each.name}", each.read_bytes()
