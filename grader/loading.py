"""Functions of modules that are loaded when they are first called.

A first verdict would otherwise wait for the readers, forms and proofs that it does not need. The import
stands beside it for the type checker and the layers:

    if TYPE_CHECKING:
        from grader.checking.normal import is_proved
    else:
        is_proved = later("grader.checking.normal:is_proved")
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


class Later:
    """A function that is known by its place, `module:name`, until it is called."""

    __slots__ = ("_function", "place")

    def __init__(self, place: str) -> None:
        self.place = place
        self._function: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What the function says; its module is loaded at the first call."""
        if self._function is None:
            module, _, name = self.place.partition(":")
            self._function = getattr(import_module(module), name)
        return self._function(*args, **options)


def later(place: str) -> Any:
    """The function at this place, `module:name`, loaded when it is first called."""
    return Later(place)
