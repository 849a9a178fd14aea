"""A platform with pages: a course that shows a tool in its frame, with and without a storage for tools.

It is served on two names of one machine, which are two sites to a browser: `localhost` for the platform's own pages,
`127.0.0.1` for a page that stands for any tool, by which a test sees what the browser keeps for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.lti.forging import ForgingPlatform

STORAGE = """
window.asked = [];
const kept = new Map();
window.addEventListener("message", (event) => {
  const { subject, message_id, key, value } = event.data ?? {};
  if (subject !== "lti.put_data" && subject !== "lti.get_data") return;
  window.asked.push(`${event.origin} ${subject}`);
  if (subject === "lti.put_data") kept.set(`${event.origin} ${key}`, value);
  const answer = { subject: `${subject}.response`, message_id, key, value: kept.get(`${event.origin} ${key}`) };
  event.source.postMessage(answer, event.origin);
});
"""
"""The platform's half of LTI Platform Storage: each origin has its own keys."""


@dataclass
class Course:
    """The platform's course; `claims` says for a nonce what a launch of somebody tells."""

    tool: str
    port: int = 0
    signer: ForgingPlatform = field(default_factory=lambda: ForgingPlatform("", "client-a", ""))
    claims: Callable[[str, str], dict[str, Any]] = lambda _subject, _nonce: {}

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def page(self, path: str, query: dict[str, str], cookies: str) -> tuple[str, dict[str, str]]:
        """The page at a path, with headers of its own."""
        match path:
            case "/course":
                return self._course(query), {}
            case "/storage":
                return f"<script>{STORAGE}</script>", {}
            case "/authorize":
                return self._launch(query), {}
            case "/plain":  # what stands for a tool of before: a cookie that is not kept apart for each site
                frame = f'<iframe src="http://127.0.0.1:{self.port}/kept?first"></iframe>'
                return frame, {}
            case "/kept" if "first" in query:
                link = '<script>location.replace("/kept")</script>'
                return link, {"Set-Cookie": "plain=1; Secure; SameSite=None"}
            case "/kept":
                return f"kept: {escape(cookies) or 'nothing'}", {}
        return "", {}

    def _course(self, query: dict[str, str]) -> str:
        """The course's page, with the tool in its frame; `storage` names the frame that keeps values for tools."""
        begin = {
            "iss": self.address,
            "client_id": "client-a",
            "login_hint": query["who"],
            "target_link_uri": f"{self.tool}/lti/launch",
        }
        storage = query.get("storage", "")
        offered = {"lti_storage_target": storage} if storage else {}
        script = f"<script>{STORAGE}</script>" if storage == "_parent" else ""
        sibling = f'<iframe name="{storage}" src="/storage"></iframe>' if storage not in {"", "_parent"} else ""
        address = escape(f"{self.tool}/lti/login?{urlencode(begin | offered)}")
        return f'{script}{sibling}<iframe id="tool" width="1000" height="700" src="{address}"></iframe>'

    def _launch(self, query: dict[str, str]) -> str:
        """The form that the platform has the browser send to the tool."""
        token = self.signer.sign(self.claims(query["login_hint"], query["nonce"]))
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in {"id_token": token, "state": query["state"]}.items()
        )
        form = f'<form id="go" method="post" action="{escape(query["redirect_uri"])}">{inputs}</form>'
        return f'{form}<script>document.getElementById("go").submit()</script>'

    def keys(self) -> str:
        """Our public keys."""
        key = self.signer.key
        return dumps({"keys": [key.as_dict(private=False) | {"kid": key.kid, "use": "sig"}]})


@contextmanager
def open_course(tool: str) -> Iterator[Course]:
    """The course on a real server."""
    course = Course(tool)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            if parts.path == "/keys":
                self._send(course.keys(), {"Content-Type": "application/json"})
                return
            text, headers = course.page(parts.path, query, self.headers.get("Cookie", ""))
            self._send(f"<!doctype html><title>Course</title>{text}", {"Content-Type": "text/html"} | headers)

        def _send(self, text: str, headers: dict[str, str]) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    course.port = server.server_port
    course.signer.issuer = course.address
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield course
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
