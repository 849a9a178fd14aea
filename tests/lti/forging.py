"""A learning platform of our own that signs what it is told to: right launches, and every kind of forged one."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from grader.lti import claims as names

OWN_REGISTRY = jws.JWSRegistry(algorithms=["RS256", "RS384", "RS512", "PS256"], strict_check_header=False)
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"


def make_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


KEY, OTHER_KEY = make_key("platform-key"), make_key("other-key")
"""Made once: a key takes a while to make."""


@dataclass
class ForgingPlatform:
    """What one client at one issuer signs; its keys are published by a real server."""

    issuer: str
    client_id: str
    address: str
    key: RSAKey = field(default_factory=lambda: KEY)
    published: list[RSAKey] = field(default_factory=lambda: [KEY])
    asked_for_keys: int = 0

    def claims(self, now: datetime, nonce: str, target: str, **changes: Any) -> dict[str, Any]:
        """A right resource-link launch; a change to None leaves a claim out."""
        seconds = int(now.timestamp())
        found = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "student-17",
            "iat": seconds,
            "exp": seconds + 300,
            "nonce": nonce,
            "name": "Lea Learner",
            "email": "lea@example.org",
            names.VERSION: "1.3.0",
            names.MESSAGE_TYPE: names.RESOURCE_LINK_REQUEST,
            names.DEPLOYMENT_ID: "deployment-1",
            names.TARGET_LINK_URI: target,
            names.RESOURCE_LINK: {"id": "link-1", "title": "Week 1"},
            names.ROLES: [LEARNER],
            names.CONTEXT: {"id": "course-1", "title": "Optimisation"},
        }
        found |= changes
        return {name: value for name, value in found.items() if value is not None}

    def sign(self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None, key: Any = None) -> str:
        """The claims in a token; `header` is added to the usual one, None in it leaves a field out."""
        full = {"alg": "RS256", "kid": self.key.kid, "typ": "JWT"} | dict(header or {})
        full = {name: value for name, value in full.items() if value is not None}
        return jwt.encode(full, dict(claims), key or self.key, algorithms=[full["alg"]], registry=OWN_REGISTRY)

    def unsigned(self, claims: Mapping[str, Any]) -> str:
        """A token that says it needs no signature, and has none."""
        return f"{encoded({'alg': 'none', 'kid': self.key.kid})}.{encoded(claims)}."

    def sign_with_public_key_as_secret(self, claims: Mapping[str, Any]) -> str:
        """HS256 with what everybody can read as the secret."""
        signed = f"{encoded({'alg': 'HS256', 'kid': self.key.kid})}.{encoded(claims)}"
        digest = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def encoded(part: Mapping[str, Any]) -> str:
    """A part of a token."""
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def pairs_of(url: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@contextmanager
def published(platforms: list[ForgingPlatform]) -> Iterator[str]:
    """A server that publishes the keys of these platforms at /<client>/keys; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            client = self.path.split("/")[1]
            platform = next(one for one in platforms if one.client_id == client)
            platform.asked_for_keys += 1
            keys = [key.as_dict(private=False) | {"kid": key.kid, "use": "sig"} for key in platform.published]
            body = json.dumps({"keys": keys}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
