"""Our own signing keys: made, published, used; platforms fetch the public half."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

from grader.lti.signatures import ALGORITHM

BITS = 2048


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key pair; `pem` is the private half, which no page, log or message may show."""

    id: str
    pem: str

    def __repr__(self) -> str:
        """The id alone."""
        return f"OwnKey({self.id!r})"


def new_key() -> OwnKey:
    """A fresh pair."""
    return OwnKey(str(uuid4()), RSAKey.generate_key(BITS, auto_kid=False).as_pem(private=True).decode())


def public_keys(keys: Iterable[OwnKey]) -> Mapping[str, Any]:
    """The public halves as a JSON Web Key Set."""
    shown = []
    for key in keys:
        public = RSAKey.import_key(key.pem).as_dict(private=False)
        shown.append({**public, "kid": key.id, "alg": ALGORITHM, "use": "sig"})
    return {"keys": shown}


def signed(claims: Mapping[str, Any], key: OwnKey) -> str:
    """A token with these claims, signed by us."""
    return jwt.encode({"alg": ALGORITHM, "kid": key.id, "typ": "JWT"}, dict(claims), RSAKey.import_key(key.pem))


def seconds(moment: datetime) -> int:
    """A moment as tokens write it: seconds since 1970."""
    return int(moment.timestamp())
