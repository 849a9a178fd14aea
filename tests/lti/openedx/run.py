"""Starts the host: `python run.py HOME PORT TOOL`; prints a line when it answers, and stops when its input ends.

It runs in an environment of its own: the LTI consumer block of Open edX is a program beside ours, and no part of it.
"""

from __future__ import annotations

import os
import sys
from threading import Thread

import django
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

STUDENTS = 120


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def add_people() -> None:
    """A teacher, two students with names, and a crowd that fills more than one page of the roster."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - models can be imported after setup alone
    from host.models import Member, Profile  # noqa: PLC0415

    named = {"tina": "Tina Teacher", "ada": "Ada Ahmed", "ben": "Ben Brown"}
    people = named | {f"student{number}": f"Student {number}" for number in range(STUDENTS - 2)}
    made = get_user_model().objects.bulk_create(
        get_user_model()(username=login, email=f"{login}@example.org") for login in people
    )
    Profile.objects.bulk_create(Profile(user=user, name=people[user.username]) for user in made)
    Member.objects.bulk_create(
        Member(user=user, role="staff" if user.username == "tina" else "student") for user in made
    )


def prepare() -> None:
    """Tables, people, the course, and the leave to tell tools who its people are."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    add_people()
    from host import blocks  # noqa: PLC0415
    from lti_consumer.models import CourseAllowPIISharingInLTIFlag  # noqa: PLC0415
    from opaque_keys.edx.keys import CourseKey  # noqa: PLC0415

    blocks.publish_course()
    CourseAllowPIISharingInLTIFlag.objects.create(course_id=CourseKey.from_string(blocks.COURSE), enabled=True)


def main(home: str, port: str, tool: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "host.settings",
        "OPENEDX_HOME": home,
        "OPENEDX_ADDRESS": f"http://localhost:{port}",
        "OPENEDX_TOOL": tool,
    }
    django.setup()
    from host import edx  # noqa: PLC0415 - its models can be imported after setup alone

    edx.provide()
    prepare()
    server = ThreadedWSGIServer(("127.0.0.1", int(port)), QuietHandler, allow_reuse_address=True)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)  # noqa: T201 - whoever started the host waits for it
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
