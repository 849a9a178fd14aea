"""Webhooks from the event to the receiver: signed, sent until they are taken, and never into a private network."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpcore
import httpx
import pytest
from httpcore._backends.sync import SyncStream
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound
from grader.services import marking, submissions, webhooks
from grader.services.access import Actor
from grader.services.webhooks import MOST_OF_COURSE, Messenger
from grader.store.database import writing
from grader.web.api.events import MESSAGES
from grader.webhooks.sending import Answer, GuardedBackend, TimedStream, is_public, open_client, send
from grader.worker import MessengerThread
from tests.factories import Scene, SteadyClock, counted_statements, grade_words
from tests.webhooks.receiver import Receiver, receiving

SECRET = "s" * 40
EVENT = "submission.graded"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def clock() -> SteadyClock:
    """Signatures are compared with the clock of the machine."""
    return SteadyClock(datetime.now(UTC))


@dataclass
class Post:
    """A course with a webhook, a student, and who sends."""

    scene: Scene
    receiver: Receiver
    messenger: Messenger
    hook: webhooks.WebhookView

    def submit(self, answer: str = "right") -> int:
        ada = self.scene.add_person()
        attempt = self.scene.open(ada)
        clock = self.scene.clock
        sent = submissions.submit(self.scene.session, clock, grade_words, ada, attempt.id, {"a": answer})
        self.scene.session.commit()
        return sent.id

    def send_all(self) -> int:
        sent = 0
        while self.messenger.send_next():
            sent += 1
        return sent

    def deliveries(self) -> tuple[webhooks.DeliveryView, ...]:
        self.scene.session.expire_all()
        found = webhooks.list_deliveries(self.scene.session, self.scene.teacher, self.hook.id)
        self.scene.session.commit()
        return found


@pytest.fixture
def post(session: Session, sessions: sessionmaker[Session], clock: SteadyClock, receiver: Receiver) -> Iterator[Post]:
    scene = Scene(session, clock)
    hook = webhooks.create_webhook(
        session, clock, scene.teacher, SECRET, scene.course_id, receiver.url, list(webhooks.KINDS)
    )
    with open_client(private=True) as client:
        yield Post(scene, receiver, Messenger(sessions, clock, client, SECRET), hook)


def test_a_result_reaches_the_receiver_signed(post: Post) -> None:
    number = post.submit()
    assert post.send_all() == 1
    ((body, headers),) = post.receiver.requests
    verified = Verifier(post.hook.secret).verify(body, headers)
    assert verified["type"] == EVENT
    assert (verified["data"]["submission_id"], verified["data"]["score"], verified["data"]["max_score"]) == (
        number,
        2,
        3,
    )
    assert verified["data"]["course_id"] == post.scene.course_id
    MESSAGES[EVENT].model_validate_json(body, extra="forbid")
    with pytest.raises(WebhookVerificationError):
        Verifier(post.hook.secret).verify(body.replace(b'"score":2', b'"score":3'), headers)
    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.status, delivery.tries) == ("sent", 204, 1)
    assert delivery.message_id == headers["webhook-id"]
    assert post.send_all() == 0


def test_a_mark_by_a_person_is_told_as_well(post: Post) -> None:
    scene, number = post.scene, post.submit("hard")
    marking.mark(scene.session, scene.clock, scene.teacher, number, {"a": marking.Given("1.5", reason="Read again.")})
    post.send_all()
    told = [json.loads(body)["data"] for body, _ in post.receiver.requests]
    assert [(one["cause"], one["score"]) for one in told] == [("judged", 0), ("marked", 1.5)]


def test_a_deleted_webhook_is_silent_and_looks_like_none(post: Post, engine: Engine) -> None:
    scene = post.scene
    post.submit()
    webhooks.delete_webhook(scene.session, scene.clock, scene.teacher, post.hook.id)
    post.submit()
    assert post.send_all() == 1
    assert post.receiver.requests == []
    assert webhooks.list_webhooks(scene.session, scene.teacher) == ()
    with pytest.raises(NotFound):
        post.deliveries()
    with counted_statements(engine) as sent:
        webhooks.tell(scene.session, scene.clock(), scene.course_id, EVENT, {})
    assert len([one for one in sent if one.startswith("SELECT")]) == 1


def test_both_secrets_sign_for_a_day_after_a_rotation(post: Post) -> None:
    scene = post.scene
    new = webhooks.rotate_secret(scene.session, scene.clock, scene.teacher, SECRET, post.hook.id).secret
    assert new != post.hook.secret
    post.submit()
    post.send_all()
    body, headers = post.receiver.requests[-1]
    for secret in (post.hook.secret, new):
        Verifier(secret).verify(body, headers)
    scene.clock.advance(days=1)
    post.submit()
    post.send_all()
    _, headers = post.receiver.requests[-1]
    assert len(headers["webhook-signature"].split()) == 1


def test_under_another_secret_key_messages_wait_and_others_are_sent(post: Post, clock: SteadyClock) -> None:
    scene = post.scene
    other = replace(post.messenger, secret="o" * 40)
    post.submit()
    assert other.send_next()
    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.status) == ("waiting", 0)
    assert "GRADER_SECRET_KEY" in delivery.reason
    webhooks.rotate_secret(scene.session, clock, scene.teacher, other.secret, post.hook.id)
    clock.advance(minutes=1)
    assert other.send_next()
    assert post.deliveries()[0].state == "sent"


def test_pauses_grow_until_it_is_given_up_after_a_day(post: Post) -> None:
    post.receiver.statuses = [500] * 100
    post.submit()
    pauses: list[timedelta] = []
    begun = post.scene.clock()
    while True:
        assert post.send_all() == 1
        (delivery,) = post.deliveries()
        assert delivery.status == 500
        if delivery.state != "waiting":
            break
        pauses.append(delivery.due - post.scene.clock())
        post.scene.clock.now = delivery.due - timedelta(microseconds=1)
        assert post.send_all() == 0
        post.scene.clock.now = delivery.due
    assert delivery.state == "failed"
    assert timedelta(days=1) < post.scene.clock() - begun < timedelta(days=1, hours=3)
    assert pauses[0] <= timedelta(seconds=5)
    assert all(later <= earlier * 4 for earlier, later in itertools.pairwise(pauses))
    assert max(pauses) > timedelta(hours=1)
    assert 12 < len(post.receiver.requests) < 40
    assert len({headers["webhook-id"] for _, headers in post.receiver.requests}) == 1


def test_gone_disables(post: Post) -> None:
    post.receiver.statuses = [410]
    post.submit()
    post.submit()
    post.send_all()
    assert len(post.receiver.requests) == 1
    assert {one.state for one in post.deliveries()} == {"failed"}
    (seen,) = webhooks.list_webhooks(post.scene.session, post.scene.teacher)
    assert (seen.is_active, seen.secret) == (False, "")
    assert "410" in seen.reason
    with pytest.raises(Conflict):
        webhooks.send_again(post.scene.session, post.scene.clock, post.scene.teacher, seen.id, post.deliveries()[0].id)


def test_what_was_sent_can_be_sent_again(post: Post) -> None:
    post.submit()
    post.send_all()
    (delivery,) = post.deliveries()
    post.scene.clock.advance(days=3)
    webhooks.send_again(post.scene.session, post.scene.clock, post.scene.teacher, post.hook.id, delivery.id)
    assert post.send_all() == 1
    first, second = post.receiver.requests
    assert first[0] == second[0]
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    with pytest.raises(NotFound):
        webhooks.send_again(post.scene.session, post.scene.clock, post.scene.teacher, post.hook.id, 10**6)


def test_old_deliveries_are_forgotten(post: Post) -> None:
    post.submit()
    post.send_all()
    post.scene.clock.advance(days=29)
    post.submit()
    post.send_all()
    post.scene.clock.advance(days=2)
    post.send_all()
    assert len(post.deliveries()) == 1


def test_redirects_are_not_followed(post: Post) -> None:
    with receiving() as elsewhere:
        post.receiver.statuses, post.receiver.location = [302, 307], elsewhere.url
        post.submit()
        for status in (302, 307):
            assert post.send_all() == 1
            assert post.deliveries()[0].status == status
            post.scene.clock.advance(minutes=1)
        assert elsewhere.requests == []


def test_nobody_there_is_tried_again(post: Post, receiver: Receiver) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
        sent = send(post.messenger.client, url, b"{}", {})
    assert (sent.answer, sent.status) == (Answer.LATER, 0)
    assert "ConnectError" in sent.reason
    assert receiver.requests == []


def test_a_receiver_that_fails_is_left_alone_with_all_its_messages(post: Post, session: Session) -> None:
    """So that others are told meanwhile, however long it takes to fail; then one message is tried."""
    clock, other = post.scene.clock, Scene(session, post.scene.clock)
    post.receiver.statuses = [500] * 100
    for _ in range(4):
        post.submit()
    with receiving() as sound:
        webhooks.create_webhook(session, clock, other.teacher, SECRET, other.course_id, sound.url, [EVENT])
        replace(post, scene=other).submit()
        assert post.send_all() == 2
        assert (len(post.receiver.requests), len(sound.requests)) == (1, 1)
    assert {one.due for one in post.deliveries()} == {clock() + timedelta(seconds=5)}
    post.submit()
    assert post.send_all() == 0, "what is new waits as well"
    tried = []
    for _ in range(40):
        clock.advance(seconds=5)
        tried.append(post.send_all())
    assert set(tried) == {0, 1}
    assert sum(tried) == 5, "after 5, 15, 35, 75 and 155 seconds"
    post.receiver.statuses = []
    clock.advance(minutes=5)
    post.send_all()
    assert {one.state for one in post.deliveries()} == {"sent"}


def test_messages_of_a_receiver_that_took_nothing_for_a_day_are_given_up_together(post: Post) -> None:
    post.receiver.statuses = [500] * 100
    for _ in range(3):
        post.submit()
    post.send_all()
    post.scene.clock.advance(days=1, seconds=1)
    assert post.send_all() == 1
    assert [one.state for one in post.deliveries()] == ["failed"] * 3


def test_a_name_that_is_none_is_tried_again(post: Post) -> None:
    for url in ("https://a..b/", f"https://{'a' * 64}.example/"):
        sent = send(post.messenger.client, url, b"{}", {})
        assert (sent.answer, sent.status, bool(sent.reason)) == (Answer.LATER, 0, True), url


PRIVATE = (
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "224.0.0.1", "ff02::1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "::10.0.0.1", "64:ff9b:1::10.0.0.1", "::ffff:0:127.0.0.1",
    "2001:4860:4860::5efe:10.0.0.1", "2001:4860::200:5efe:127.0.0.1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "fec0::1", "3fff::1", "5f00::1", "2001:db8::1", "100::1", "192.0.0.8", "192.0.0.9", "192.88.99.1", "198.18.0.1",
    "240.0.0.1", "255.255.255.255", "203.0.113.1", "64:ff9b::192.168.1.1", "fd00:ec2::254",
)  # fmt: skip


def test_which_addresses_are_private() -> None:
    assert [one for one in PRIVATE if is_public(one)] == []
    assert all(map(is_public, ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::8.8.8.8")))


def test_a_receiver_that_answers_byte_by_byte_is_left() -> None:
    """Each byte comes in time, the answer never: the connection ends by itself."""
    ours, theirs = socket.socketpair()
    seconds = iter([0.0, 29.0, 31.0, 31.0])
    stream = TimedStream(SyncStream(ours), 30.0, lambda: next(seconds))
    theirs.send(b"HTTP")
    assert [stream.read(1, 15) for _ in range(2)] == [b"H", b"T"]
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1, 15)
    with pytest.raises(httpcore.ReadTimeout):
        stream.write(b"x", 15)
    stream.close()
    theirs.close()


HOSTS = (
    "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1",
    "0177.0.0.1", "017700000001", "127.0.0.1.", "localhost.", "LOCALHOST", "\u2460\u2461\u2466.0.0.1", "[::127.0.0.1]",
    "user@127.0.0.1", "8.8.8.8@127.0.0.1", "127.0.0.1#@8.8.8.8", "127.0.0.1\\@8.8.8.8",
)  # fmt: skip


def test_private_targets_are_refused(receiver: Receiver) -> None:
    port = httpx.URL(receiver.url).port
    with open_client(private=False) as client:
        for host in HOSTS:
            sent = send(client, f"http://{host}:{port}/hook", b"{}", {})
            assert (sent.answer, sent.status) == (Answer.LATER, 0), host
            assert sent.reason, host
    assert receiver.requests == []
    with pytest.raises(httpcore.ConnectError, match="not on the public network"):
        GuardedBackend().connect_tcp("localhost", port or 0)


def answers(*addresses: str) -> list[tuple[Any, ...]]:
    """What a name server says of a name."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]


def test_a_name_that_changes_where_it_leads(receiver: Receiver) -> None:
    """It is asked for once, and what was looked at is connected to; one private address among others is enough."""
    port = httpx.URL(receiver.url).port or 0
    asked: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return answers("127.0.0.1") if len(asked) > 1 else answers("203.0.114.1", "127.0.0.1")

    for _ in range(2):
        with pytest.raises(httpcore.ConnectError, match="not on the public network"):
            GuardedBackend(resolve=resolve).connect_tcp("rebinding.example", port)
    asked.clear()
    stream = GuardedBackend(private=True, resolve=lambda host, *_, **__: asked.append(host) or answers("127.0.0.1"))
    stream.connect_tcp("inside.example", port).close()
    assert asked == ["inside.example"]
    with pytest.raises(httpcore.ConnectError, match="not on the public network"):
        GuardedBackend(resolve=lambda *_, **__: []).connect_tcp("nothing.example", port)


def test_ports_of_other_protocols() -> None:
    """What listens there might take a message for its commands; nobody is asked for the name, even."""
    for port in (22, 25, 53, 110, 143, 445, 993):
        with pytest.raises(httpcore.ConnectError, match=f"port {port} is not for webhooks"):
            GuardedBackend().connect_tcp("8.8.8.8", port)


def test_who_may_look_after_a_webhook(post: Post, session: Session) -> None:
    scene, clock = post.scene, post.scene.clock
    assistant, other = scene.add_person("assistant"), Scene(session, clock)
    calls: list[Any] = [
        lambda actor: webhooks.webhook(session, actor, post.hook.id),
        lambda actor: webhooks.delete_webhook(session, clock, actor, post.hook.id),
        lambda actor: webhooks.rotate_secret(session, clock, actor, SECRET, post.hook.id),
        lambda actor: webhooks.list_deliveries(session, actor, post.hook.id),
        lambda actor: webhooks.send_again(session, clock, actor, post.hook.id, 1),
    ]
    for call in calls:
        for actor, error in ((assistant, Forbidden), (other.teacher, NotFound)):
            with pytest.raises(error):
                call(actor)
        with pytest.raises(NotFound):
            call(Actor(scene.teacher.user_id, None, other.course_id))
    assert webhooks.list_webhooks(session, other.teacher) == ()
    assert webhooks.list_webhooks(session, assistant) == ()


def test_addresses_events_and_how_many(post: Post) -> None:
    scene = post.scene

    def create(url: str, *events: str) -> None:
        webhooks.create_webhook(scene.session, scene.clock, scene.teacher, SECRET, scene.course_id, url, events)

    for url in (
        "",
        "ftp://a.example",
        "https://",
        "https://u:p@a.example",
        "https://[::1",
        "a.example",
        "https://a:b/",
        "https://a..b/",
        f"https://{'a' * 64}.example/",
    ):
        with pytest.raises(InvalidRequest):
            create(url, EVENT)
    for events in ((), ("submission.eaten",)):
        with pytest.raises(InvalidRequest):
            create("https://a.example", *events)
    for _ in range(MOST_OF_COURSE - 1):
        create("https://a.example", EVENT)
    with pytest.raises(Conflict):
        create("https://a.example", EVENT)
    webhooks.delete_webhook(scene.session, scene.clock, scene.teacher, post.hook.id)
    create("https://a.example", EVENT)


def test_the_secret_is_not_in_the_database(post: Post, engine: Engine) -> None:
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT secret FROM webhooks").scalar_one()
    assert post.hook.secret not in kept
    assert post.hook.secret.removeprefix("whsec_") not in kept


def test_an_event_that_is_rolled_back_is_not_told(post: Post) -> None:
    scene = post.scene

    def fail() -> None:
        with writing(scene.session):
            webhooks.tell(scene.session, scene.clock(), scene.course_id, EVENT, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert post.deliveries() == ()


def test_the_thread_sends(post: Post) -> None:
    post.submit()
    thread = MessengerThread(post.messenger)
    assert thread.run_once() == 1
    with thread:
        pass
    assert len(post.receiver.requests) == 1
