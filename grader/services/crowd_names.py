"""Names of made-up people, short and long, from many places."""

from __future__ import annotations

from random import Random

_FIRST = (
    "Ada", "Ben", "Chen", "Dilara", "Emil", "Fatima", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena", "Mia", "Noor",
    "Oda", "Pablo", "Quynh", "Rosa", "Sven", "Tomás", "Uma", "Vera", "Wanjiru", "Xenia", "Yusuf", "Zofia",
)  # fmt: skip
_LAST = (
    "Ahmed", "Berger", "Chu", "Demir", "Eriksson", "Fischer", "Gupta", "Haddad", "Ito", "Janssen", "Kowalski",
    "Lindqvist", "Müller-Lüdenscheidt", "Nguyen", "Okafor", "Petrov", "Quispe", "Rossi", "Silva", "Tanaka",
)  # fmt: skip


def made_up_name(rng: Random) -> str:
    """A first and a last name."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
