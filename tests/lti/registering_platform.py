"""A platform that lets tools register themselves, as a process of its own: it prints its port, then serves.

    python tests/lti/registering_platform.py

`/config` is its configuration, `/elsewhere` one with another issuer, `/broken` no JSON; `/received` lists what came.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOKEN = "registration-token"
received: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        home = f"http://127.0.0.1:{self.server.server_address[1]}"
        config = {
            "issuer": home,
            "authorization_endpoint": f"{home}/auth",
            "token_endpoint": f"{home}/token",
            "jwks_uri": f"{home}/keys",
            "registration_endpoint": f"{home}/register",
            "authorization_server": f"{home}/audience",
            "scopes_supported": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
            PLATFORM: {"product_family_code": "testlms"},
        }
        replies = {"/config": config, "/elsewhere": {**config, "issuer": "https://bank.example"}, "/received": received}
        self.answer(200, replies.get(self.path.partition("?")[0]))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received.append({"authorization": self.headers.get("Authorization"), "body": body})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer(401, {"error": "invalid_token", "error_description": "this token is not ours"})
            return
        body["client_id"] = f"client-{len(received)}"
        body[TOOL]["deployment_id"] = "deployment-9"
        self.answer(201, body)

    def answer(self, status: int, data: Any) -> None:
        sent = b"no JSON" if data is None else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
