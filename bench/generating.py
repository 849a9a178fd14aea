"""A generator of load in a process of its own: raw HTTP/1.1 over connections that are kept open.

    python bench/generating.py PLAN.json REPORT.json

The plan: {"port", "connections", "seconds", "rate" (requests a second, 0: as many as go), "requests": [[method,
path, token, body], …]}; the requests are sent in their order, from the first again when all are sent and
"again" is true. With a rate, what is late because the server is slow counts from the moment at which it should have
been sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path
from time import perf_counter
from typing import Any

TIMEOUT = 30


def message(method: str, path: str, token: str, body: str) -> bytes:
    """A request as it goes over the wire."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body.encode())}",
    ]
    if token:
        head.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


async def receive(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of a reply."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, await reader.readexactly(length)


class Load:
    """One run of a plan."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        messages = [message(*each) for each in plan["requests"]]
        once = enumerate(messages)
        self.messages: Iterator[tuple[int, bytes]] = chain(once, cycle(enumerate(messages))) if plan["again"] else once
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.bodies: dict[int, str] = {}
        self.sent = 0
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.began = perf_counter()

    async def run(self) -> dict[str, Any]:
        """Send everything; how it went."""
        await asyncio.gather(*(self.client() for _ in range(self.plan["connections"])))
        took = perf_counter() - self.began
        return {
            "seconds": took,
            "latencies": self.latencies,
            "statuses": dict(self.statuses),
            "bodies": self.bodies if self.plan.get("keep") else {},
        }

    async def client(self) -> None:
        """One request after the other."""
        while perf_counter() - self.began < self.plan["seconds"]:
            found = next(self.messages, None)
            if found is None:
                break
            due = await self.turn()
            try:
                status, body = await asyncio.wait_for(self.ask(found[1]), TIMEOUT)
                self.statuses[str(status)] += 1
                if self.plan.get("keep"):
                    self.bodies[found[0]] = body.decode()
                self.latencies.append(perf_counter() - due)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as fault:
                self.statuses[type(fault).__name__] += 1

    async def ask(self, message: bytes) -> tuple[int, bytes]:
        """The reply, over a connection that is free; one that the server has closed meanwhile is replaced."""
        while self.idle:
            reader, writer = self.idle.pop()
            try:
                writer.write(message)
                reply = await receive(reader)
            except (ConnectionError, asyncio.IncompleteReadError) as closed:
                writer.close()
                if getattr(closed, "partial", b""):
                    raise
                continue
            self.idle.append((reader, writer))
            return reply
        reader, writer = await asyncio.open_connection("127.0.0.1", self.plan["port"])
        writer.write(message)
        reply = await receive(reader)
        self.idle.append((reader, writer))
        return reply

    async def turn(self) -> float:
        """When the next request is due."""
        number, self.sent = self.sent, self.sent + 1
        if not self.plan["rate"]:
            return perf_counter()
        due: float = self.began + number / self.plan["rate"]
        await asyncio.sleep(max(0, due - perf_counter()))
        return due


if __name__ == "__main__":
    report = asyncio.run(Load(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run())
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")
