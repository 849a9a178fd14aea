"""A platform registers this tool by itself: LTI Dynamic Registration 1.0.

Source: 1EdTech LTI Dynamic Registration 1.0, sections 2 and 3 (OpenID configuration, client registration).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from grader.errors import PlatformFailed
from grader.lti import claims
from grader.lti.calling import Reply, call

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
SCOPES = (claims.SCOPE_LINE_ITEM, claims.SCOPE_RESULT, claims.SCOPE_SCORE, claims.SCOPE_MEMBERSHIP)
ISSUED_ELSEWHERE = {
    "canvas.instructure.com": "sso.canvaslms.com",
    "canvas.beta.instructure.com": "sso.beta.canvaslms.com",
    "canvas.test.instructure.com": "sso.test.canvaslms.com",
}
"""Hosts of issuers whose configuration stands at another host; all others must be one and the same."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a platform says of itself; `audience` is "" where tokens are asked for at its token's address."""

    issuer: str
    authorization_url: str
    token_url: str
    keyset_url: str
    registration_url: str
    audience: str = ""
    product: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tool:
    """Our own addresses, and what we are called."""

    name: str
    description: str
    login_url: str
    launch_url: str
    keyset_url: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What the platform has given us; `deployment` is "" where it makes one later."""

    client_id: str
    deployment: str = ""


def read_configuration(client: httpx.Client, url: str) -> Configuration:
    """What stands at the address that the platform has named; PlatformFailed where it cannot be used."""
    reply = call(client, "GET", url, headers={"Accept": "application/json"})
    data = _object(reply, "The platform's configuration cannot be read")
    found = Configuration(
        issuer=_address(data, "issuer"),
        authorization_url=_address(data, "authorization_endpoint"),
        token_url=_address(data, "token_endpoint"),
        keyset_url=_address(data, "jwks_uri"),
        registration_url=_address(data, "registration_endpoint"),
        audience=_text(data, "authorization_server"),
        product=_text(data.get(PLATFORM), "product_family_code"),
        scopes=frozenset(scope for scope in data.get("scopes_supported") or () if isinstance(scope, str)),
    )
    issuer, host = urlsplit(found.issuer).hostname or "", urlsplit(url).hostname
    if host not in {issuer, ISSUED_ELSEWHERE.get(issuer)}:
        raise PlatformFailed(f"The configuration at {host} is that of another site, {issuer}.")
    return found


def register(client: httpx.Client, found: Configuration, token: str, tool: Tool) -> Registered:
    """Register this tool; PlatformFailed where the platform refuses."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    reply = call(client, "POST", found.registration_url, headers=headers, json=tool_to_json(tool, found.scopes))
    data = _object(reply, "The platform does not register this tool")
    client_id = _text(data, "client_id")
    if not client_id:
        raise PlatformFailed("The platform does not say which client ID it gave this tool.")
    return Registered(client_id, _text(data.get(TOOL), "deployment_id"))


def tool_to_json(tool: Tool, scopes: frozenset[str]) -> Mapping[str, Any]:
    """This tool as the platform is told of it; with those of our scopes that it knows, all where it names none."""
    wanted = [scope for scope in SCOPES if not scopes or scope in scopes]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": [tool.launch_url],
        "client_name": tool.name,
        "jwks_uri": tool.keyset_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(wanted),
        TOOL: {
            "domain": urlsplit(tool.launch_url).netloc,
            "description": tool.description,
            "target_link_uri": tool.launch_url,
            "claims": ["iss", "sub", "name", "given_name", "family_name"],
            "messages": [
                {"type": claims.RESOURCE_LINK_REQUEST, "target_link_uri": tool.launch_url, "label": tool.name},
                {"type": claims.DEEP_LINKING_REQUEST, "target_link_uri": tool.launch_url, "label": tool.name},
            ],
        },
    }


def _object(reply: Reply, message: str) -> Mapping[str, Any]:
    if not reply.is_good or not isinstance(reply.data, dict):
        raise reply.failed(message)
    return reply.data


def _address(data: Mapping[str, Any], name: str) -> str:
    """An address that must be there."""
    text = _text(data, name)
    try:
        host = urlsplit(text).hostname
    except ValueError:
        host = None
    if not host:
        raise PlatformFailed(f"The platform's configuration has no {name} that is an address.")
    return text


def _text(data: Any, name: str) -> str:
    """A text, "" where there is none."""
    value = data.get(name) if isinstance(data, dict) else None
    return value.strip() if isinstance(value, str) else ""
