"""`grader lti`: learning platforms, our keys, rosters."""

from __future__ import annotations

from fractions import Fraction

import click

from grader.cli.installation import acting, as_whom, configured, home_of, now, ready
from grader.lti.calling import open_client
from grader.services import lti_platforms, lti_reconciling, lti_registrations, lti_rosters
from grader.services.lti_platforms import NewPlatform, PlatformView
from grader.services.lti_reconciling import Comparison
from grader.services.lti_tokens import Tokens


@click.group()
def lti() -> None:
    """Connect learning platforms over LTI 1.3.

    \b
      grader lti add Moodle --issuer https://moodle.example --client-id aBc --deployment 1 \\
        --authorization-url https://moodle.example/mod/lti/auth.php \\
        --token-url https://moodle.example/mod/lti/token.php \\
        --keyset-url https://moodle.example/mod/lti/certs.php
      grader lti list
      grader lti rotate-keys
    """


@lti.command()
@click.argument("name")
@click.option("--issuer", required=True, help="The platform's issuer (platform ID).")
@click.option("--client-id", required=True, help="The client ID that the platform gave this tool.")
@click.option("--authorization-url", required=True, help="Where launches are asked for (OIDC authentication request).")
@click.option("--token-url", required=True, help="Where access tokens are given.")
@click.option("--keyset-url", required=True, help="Where the platform publishes its keys (JWKS).")
@click.option("--deployment", "deployments", multiple=True, help="A deployment ID (repeat).")
@click.option("--audience", default="", help="To whom token requests are addressed, if not to the token URL.")
@as_whom
def add(login: str | None, deployments: tuple[str, ...], **given: str) -> None:
    """Register the platform called NAME."""
    new = NewPlatform(**given, deployments=deployments)
    with ready().sessions() as session:
        view = lti_platforms.add_platform(session, now, acting(session, login), new)
    click.echo(f"Platform {view.platform.id} is registered.")


@lti.command("list")
@as_whom
def list_(login: str | None) -> None:
    """List the platforms with their deployments."""
    with ready().sessions() as session:
        for view in lti_platforms.list_platforms(session, acting(session, login)):
            click.echo(_line(view))


@lti.command()
@as_whom
def invite(login: str | None) -> None:
    """Print a link by which one platform may register itself, within a week."""
    config = configured()
    with ready().sessions() as session:
        secret = lti_registrations.invite(session, now, acting(session, login))
    click.echo(f"{home_of(config)}/lti/register/{secret}")


@lti.command()
@click.argument("platform_id", type=int)
@click.option("--turn-down", is_flag=True, help="Forget it instead.")
@as_whom
def confirm(platform_id: int, login: str | None, *, turn_down: bool) -> None:
    """Take launches of a platform that has registered itself."""
    with ready().sessions() as session:
        if turn_down:
            lti_registrations.turn_down(session, now, acting(session, login), platform_id)
            click.echo(f"Platform {platform_id} is forgotten.")
        else:
            click.echo(_line(lti_registrations.confirm(session, now, acting(session, login), platform_id)))


@lti.command()
@click.argument("platform_id", type=int)
@click.argument("deployment")
@as_whom
def deploy(platform_id: int, deployment: str, login: str | None) -> None:
    """Take launches from one more DEPLOYMENT of a platform."""
    with ready().sessions() as session:
        view = lti_platforms.add_deployment(session, now, acting(session, login), platform_id, deployment)
    click.echo(_line(view))


@lti.command()
@click.argument("platform_id", type=int)
@click.option("--again", is_flag=True, help="Take launches from it again.")
@as_whom
def end(platform_id: int, again: bool, login: str | None) -> None:
    """Take no more launches from a platform; courses and grades stay."""
    with ready().sessions() as session:
        lti_platforms.end_platform(session, now, acting(session, login), platform_id, ended=not again)
    click.echo(f"Launches from platform {platform_id} are {'taken again' if again else 'not taken any longer'}.")


@lti.command("rotate-keys")
def rotate_keys() -> None:
    """Sign with a new key from now on; the old one is published for a month more."""
    secret = configured().secret_key
    with ready().sessions() as session:
        click.echo(f"Signing with key {lti_platforms.rotate_keys(session, now, secret)}.")


@lti.command("sync-roster")
@click.argument("course_id", type=int)
@as_whom
def sync_roster(course_id: int, login: str | None) -> None:
    """Bring the people of a course in line with its platform's."""
    secret = configured().secret_key
    with ready().sessions() as session, open_client() as client:
        done = lti_rosters.sync_roster(session, now, client, secret, acting(session, login), course_id)
    click.echo(f"{done.members} people: {done.added} added, {done.changed} changed, {done.ended} ended.")


@lti.command()
@click.argument("assignment_id", type=int, required=False)
@click.option("--send", is_flag=True, help="Send ours where the platform has none or a lower one.")
@as_whom
def reconcile(assignment_id: int | None, login: str | None, *, send: bool) -> None:
    """Read grades back from the platforms, and list what differs from ours; exit 1 if anything does.

    Without ASSIGNMENT_ID every column of every platform is read.

    \b
      grader lti reconcile
      grader lti reconcile 7 --send
    """
    config = configured()
    differing = False
    with ready().sessions() as session, open_client(config.lti_timeout_seconds) as client:
        actor, tokens = acting(session, login), Tokens(now, client, config.secret_key)
        for one in lti_reconciling.compare_all(session, now, tokens, actor, assignment_id):
            differing = differing or bool(one.trouble or one.differences)
            _print_comparison(one)
            if send:
                count = lti_reconciling.send_all_ours(session, now, actor, one)
                click.echo(f"  {count} grades are sent again.")
    if differing:
        raise SystemExit(1)


def _print_comparison(one: Comparison) -> None:
    """What was found in a column."""
    head = f"{one.title} at {one.platform}"
    if one.trouble:
        click.echo(f"{head}: not read. {one.trouble}")
        return
    click.echo(f"{head}: {one.compared} students, {len(one.differences)} differ.")
    for each in one.differences:
        who = each.name or f"(unknown: {each.subject})"
        click.echo(f"  {each.kind}\t{who}\there {_percent(each.ours)}\tthere {_percent(each.theirs)}")


def _percent(share: Fraction | None) -> str:
    return "none" if share is None else f"{float(share):.1%}"


def _line(view: PlatformView) -> str:
    state = "unconfirmed" if view.is_pending else "ended" if view.is_ended else "taken"
    one = view.platform
    return "\t".join((str(one.id), state, one.name, one.issuer, one.client_id, " ".join(view.deployments)))
