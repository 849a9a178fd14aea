"""Whether a token was signed by the platform: RS256 only, with a key that the platform publishes."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from grader.errors import LaunchRefused

ALGORITHM = "RS256"
MOST_CHARACTERS = 100_000
FOREIGN_KEYS = ("jwk", "jku", "x5c", "x5u", "crit")
"""Headers that name or hold a key, or ask for rules of their own; a key is never taken from a token."""


def key_id(token: str) -> str:
    """The id of the key with which the token says it is signed; LaunchRefused for what is no such token."""
    header = _header(token)
    if header.get("alg") != ALGORITHM:
        raise LaunchRefused(f"The launch is not signed with {ALGORITHM}.", "algorithm")
    if any(name in header for name in FOREIGN_KEYS):
        raise LaunchRefused("The launch brings a key of its own.", "key-in-header")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused("The launch does not say which key it is signed with.", "key-id-missing")
    return kid


def verified(token: str, keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claims of a token that one of these keys (a JSON Web Key Set) has signed."""
    key = find_key(keys, key_id(token))
    if key is None:
        raise LaunchRefused("The launch is signed with a key that the platform does not publish.", "key-unknown")
    try:
        return jwt.decode(token, RSAKey.import_key(key), algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        raise LaunchRefused("The signature of the launch is not the platform's.", "signature") from None


def find_key(keys: Mapping[str, Any], kid: str) -> dict[str, Any] | None:
    """The public RSA key with this id; keys for encryption are none."""
    listed = keys.get("keys")
    for key in listed if isinstance(listed, list) else ():
        if isinstance(key, dict) and key.get("kid") == kid and key.get("kty") == "RSA" and key.get("use") != "enc":
            return {name: key[name] for name in ("kty", "n", "e") if name in key}
    return None


def _header(token: str) -> Mapping[str, Any]:
    """The header, of which nothing is trusted yet."""
    if len(token) > MOST_CHARACTERS or token.count(".") != 2:
        raise LaunchRefused("The launch holds no signed token.", "not-a-token")
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise LaunchRefused("The launch holds no signed token.", "not-a-token")
    return header
