"""Sending a webhook: in time, to the public network alone, and what the answer means."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

TIMEOUT = httpx.Timeout(15, connect=5)
LONGEST_SECONDS = 30.0
GONE = 410
Now = Callable[[], float]
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
"""As `socket.getaddrinfo`."""
NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses of the old internet as some networks write them."""
GIVEN_OUT = IPv6Network("2000::/3")
"""Of the new internet only these are anybody's; what lies elsewhere is local, or hides an address of the old one."""
NOBODYS = (IPv6Network("3fff::/20"), IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
ISATAP = (0x00005EFE, 0x02005EFE)
"""The third quarter of an address whose last quarter is one of the old internet, reached through a tunnel."""
PORTS = (80, 443)
FIRST_FREE_PORT = 1024
"""Below it other protocols live, which may take a message for commands of theirs."""


class Answer(StrEnum):
    """What a receiver's answer means."""

    TAKEN = "taken"
    LATER = "later"
    GONE = "gone"  # the receiver wants no more of them


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending: the status (0: none came), and the reason where it was not taken."""

    answer: Answer
    status: int = 0
    reason: str = ""


class PrivateTargetError(OSError):
    """A name that leads into a private network."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network: not this machine's, nor its neighbours'."""
    found = ip_address(address.partition("%")[0])
    inner = _inner(found) if isinstance(found, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if isinstance(found, IPv6Address) and found not in GIVEN_OUT:
        return False
    return found.is_global and not found.is_multicast and not any(found in each for each in NOBODYS)


def _inner(found: IPv6Address) -> IPv4Address | None:
    """The address of the old internet to which this one leads."""
    last = IPv4Address(int(found) & 0xFFFFFFFF)
    if found in NAT64 or (int(found) >> 32) & 0xFFFFFFFF in ISATAP:
        return last
    return found.ipv4_mapped or found.sixtofour


def is_open_port(port: int) -> bool:
    """Whether messages may go to this port: the usual ones of the web, and those that anybody may use."""
    return port in PORTS or port >= FIRST_FREE_PORT


class TimedStream(httpcore.NetworkStream):
    """A connection that lives until `end`, however slowly the other side answers: a byte a second is no way out."""

    def __init__(self, stream: httpcore.NetworkStream, end: float, now: Now = time.monotonic) -> None:
        self._stream = stream
        self._end = end
        self._now = now

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within what is left of the time."""
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within what is left of the time."""
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection encrypted, with the same end."""
        inner = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return TimedStream(inner, self._end, self._now)

    def get_extra_info(self, info: str) -> Any:
        """What the connection says of itself."""
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self._end - self._now()
        if left <= 0:
            raise httpcore.ReadTimeout(f"no whole answer within {LONGEST_SECONDS} seconds")
        return left if timeout is None else min(left, timeout)


class GuardedBackend(httpcore.SyncBackend):
    """Connects to public addresses only, unless `private`; what was looked at is what is connected to."""

    def __init__(self, *, private: bool = False, resolve: Resolve = socket.getaddrinfo) -> None:
        self._private = private
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve the name, refuse it when any of its addresses is private, connect to the first."""
        end = time.monotonic() + LONGEST_SECONDS
        if not (self._private or is_open_port(port)):
            raise httpcore.ConnectError(PrivateTargetError(f"port {port} is not for webhooks"))
        found = [str(info[4][0]) for info in self._resolve(host, port, type=socket.SOCK_STREAM)]
        if not found or not (self._private or all(is_public(address) for address in found)):
            raise httpcore.ConnectError(PrivateTargetError(f"{host} is not on the public network"))
        return TimedStream(super().connect_tcp(found[0], port, timeout, local_address, socket_options), end)


def open_client(*, private: bool) -> httpx.Client:
    """A client for webhooks; with `private` also to this machine and its network."""
    transport = httpx.HTTPTransport()
    backend = GuardedBackend(private=private)
    context = httpx.create_ssl_context()
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx takes no backend
        ssl_context=context, network_backend=backend, max_keepalive_connections=0
    )
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, transport=transport, trust_env=False)


def send(client: httpx.Client, url: str, body: bytes, headers: Mapping[str, str]) -> Sent:
    """Post a message; any status from 200 to 299 means that it was taken."""
    sent = {"Content-Type": "application/json", "User-Agent": "grader-webhooks", **headers}
    try:
        with client.stream("POST", url, content=body, headers=sent) as response:
            text = next(response.iter_raw(), b"")[:300].decode("utf-8", "replace")
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # the last for names that are none
        return Sent(Answer.LATER, 0, f"{type(error).__name__}: {error}"[:300])
    if 200 <= status < 300:
        return Sent(Answer.TAKEN, status)
    return Sent(Answer.GONE if status == GONE else Answer.LATER, status, text)
