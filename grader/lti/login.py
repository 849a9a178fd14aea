"""The first step of a launch: the platform asks for a log-in, and gets back where to send the launch.

Source: 1EdTech Security Framework 1.1, section 5.1.1 (third-party initiated log-in of OpenID Connect).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from grader.errors import LaunchRefused
from grader.lti.messages import Platform

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What the platform sends; hints are handed back as they came, "" where none came.

    `storage` is the name of the frame that keeps values for us, "" where there is none.
    """

    issuer: str
    login_hint: str
    target: str
    client_id: str = ""
    message_hint: str = ""
    deployment: str = ""
    storage: str = ""


def read_login(values: Mapping[str, str], base_url: str) -> LoginRequest:
    """The request in a query or form, or LaunchRefused.

    `base_url` is our own address, ending in a slash; a launch leads to nowhere else.
    """
    request = LoginRequest(
        issuer=_required(values, "iss"),
        login_hint=_required(values, "login_hint"),
        target=_required(values, "target_link_uri"),
        client_id=_bounded(values, "client_id"),
        message_hint=_bounded(values, "lti_message_hint"),
        deployment=_bounded(values, "lti_deployment_id"),
        storage=_bounded(values, "lti_storage_target"),
    )
    if not is_own(request.target, base_url):
        raise LaunchRefused("The launch leads to an address that is not this tool's.", "target-foreign")
    return request


def authorization_url(platform: Platform, request: LoginRequest, redirect_url: str, state: str, nonce: str) -> str:
    """Where the browser goes next: to the platform, which comes back with the launch."""
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": redirect_url,
        "login_hint": request.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if request.message_hint:
        query["lti_message_hint"] = request.message_hint
    joint = "&" if urlsplit(platform.authorization_url).query else "?"
    return f"{platform.authorization_url}{joint}{urlencode(query)}"


def is_own(address: str, base_url: str) -> bool:
    """Whether the address is one of this server's: the same scheme, host and port."""
    try:
        one, own = urlsplit(address), urlsplit(base_url)
        return (one.scheme, one.netloc) == (own.scheme, own.netloc) and "\\" not in address
    except ValueError:
        return False


def _required(values: Mapping[str, str], name: str) -> str:
    value = _bounded(values, name)
    if not value:
        raise LaunchRefused(f"The platform's log-in request lacks {name}.", f"{name}-missing")
    return value


def _bounded(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "")
    if len(value) > LONGEST:
        raise LaunchRefused(f"What the platform's log-in request calls {name} is too long.", f"{name}-too-long")
    return value
