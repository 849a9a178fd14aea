"""`grader bank preview`: a page on this machine that shows a problem while it is being written."""

from __future__ import annotations

import logging
import signal
import socket
from pathlib import Path
from types import FrameType

import click
from werkzeug.serving import make_server

from grader.bank.loading import SUFFIXES, load_bank
from grader.cli.choosing import bank_option, configured_folders, existing, is_path
from grader.errors import ConfigError, InvalidRequest
from grader.web.authoring.app import Desk, create_authoring_app
from grader.web.authoring.drafts import Drafts
from grader.web.authoring.sweeping import Sweeper

HOST = "127.0.0.1"  # an author's page shows keys, so no other machine may ask for it


@click.command("preview")
@click.argument("name", metavar="[ID|PATH]", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--seeds", type=click.IntRange(0, 10_000), default=100, show_default=True, help="Seeds of the sweep.")
@bank_option
def preview_command(name: str | None, port: int, seeds: int, folders: tuple[Path, ...]) -> None:
    """Show a problem while you write it, on a page that follows each change of the file.

    ID names a problem of the bank, PATH a file or a folder of them; without either, the whole bank.
    Beside the problem stands what lint finds, and what a sweep finds that goes on in the background.
    Type answers and see how they are judged. A file that cannot be read shows its faults, with the
    problem as it last could be read below them. Only this machine can see the page.

    \b
      grader bank preview drafts/my-problem.yaml
      grader bank preview jacobian-polynomial-map --port 8090
    """
    paths = _paths(name, folders)
    with Sweeper(seeds) as sweeper:
        app = create_authoring_app(Desk(Drafts(paths), sweeper))
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        listening = _listening(port)
        server = make_server(HOST, port, app, threaded=True, fd=listening.fileno())
        signal.signal(signal.SIGTERM, _stop)
        click.echo(f"The preview is at http://{HOST}:{listening.getsockname()[1]}/")
        click.echo("Stop with Ctrl+C.")
        try:
            server.serve_forever()
        finally:
            server.server_close()
            listening.close()


def _listening(port: int) -> socket.socket:
    """A socket that listens on this machine's own address."""
    made = socket.socket()
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((HOST, port))
        made.listen()
    except OSError as error:
        made.close()
        message = f"{HOST}:{port} cannot be listened on: {error.strerror}. Choose another with --port."
        raise ConfigError(message, "--port") from None
    return made


def _paths(name: str | None, folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files and folders to show."""
    if name is None:
        return existing(folders or configured_folders())
    if is_path(name):
        path = Path(name)
        if path.suffix not in SUFFIXES and not path.is_dir():
            raise InvalidRequest(f"{path} is no .yaml file.", "PATH")
        return existing((path,))
    bank = load_bank(existing(folders or configured_folders()))
    broken = [Path(error.file) for error in bank.errors if Path(error.file).stem == name]
    return (broken[0] if broken and name not in bank.problems else Path(bank.problem(name).file),)


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End as Ctrl+C does, so that the sweep ends with the page."""
    raise KeyboardInterrupt
