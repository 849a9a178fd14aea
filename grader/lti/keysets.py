"""The public keys of a platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from grader.errors import PlatformFailed
from grader.lti.calling import call
from grader.lti.messages import Platform


def fetch_keys(client: httpx.Client, platform: Platform) -> Mapping[str, Any]:
    """The platform's JSON Web Key Set, or PlatformFailed."""
    reply = call(client, "GET", platform.keyset_url, headers={"Accept": "application/json"})
    if not reply.is_good or not isinstance(reply.data, dict) or not isinstance(reply.data.get("keys"), list):
        raise PlatformFailed(f"{platform.name} publishes no keys at {platform.keyset_url} (status {reply.status}).")
    return reply.data
