"""What is stored encrypted, with a key made of the installation's secret: private keys, secrets of webhooks."""

from __future__ import annotations

import hashlib

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from grader.errors import ConfigError

SEALING = {"alg": "dir", "enc": "A256GCM"}


def sealed(text: str, secret: str) -> str:
    """The text encrypted and authenticated (JWE, AES-256-GCM)."""
    return jwe.encrypt_compact(SEALING, text, _key(secret))


def unsealed(text: str, secret: str) -> str:
    """What `sealed` has encrypted; ConfigError when the installation's secret is another one now."""
    try:
        found = jwe.decrypt_compact(text, _key(secret), algorithms=list(SEALING.values())).plaintext
    except (JoseError, ValueError):
        found = None
    if found is None:
        message = "What was stored with another secret key cannot be read. Set GRADER_SECRET_KEY back to what it was."
        raise ConfigError(message, "GRADER_SECRET_KEY")
    return found.decode()


def _key(secret: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"grader sealing\0" + secret.encode()).digest())
