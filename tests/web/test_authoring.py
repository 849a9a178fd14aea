"""The author's page: what is found, what was typed, what a broken file leaves standing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from html import unescape
from pathlib import Path
from threading import Event

import pytest
from flask.testing import FlaskClient

from grader.sweep import Swept
from grader.web.authoring.app import Desk, create_authoring_app
from grader.web.authoring.drafts import Drafts
from grader.web.authoring.sweeping import Progress, Sweeper, _Running
from tests.bank.samples import SOUND, spoiled

KEY = "derivatives/slope-of-a-parabola.yaml"
PAGE = f"/problems/{KEY}"
BROKEN = spoiled("level: drill", "levl: drill")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bank" / KEY
    path.parent.mkdir(parents=True)
    path.write_text(SOUND, encoding="utf-8")
    return path


@pytest.fixture
def sweeper() -> Iterator[Sweeper]:
    with Sweeper(0) as sweeper:
        yield sweeper


@pytest.fixture
def client(file: Path, sweeper: Sweeper) -> FlaskClient:
    return create_authoring_app(Desk(Drafts([file.parents[1]]), sweeper)).test_client()


def text(client: FlaskClient, address: str = PAGE, **form: str) -> str:
    reply = client.post(address, data=form) if form else client.get(address)
    assert reply.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text)).split())


def version(client: FlaskClient) -> str:
    return str(client.get(f"/state/{KEY}").get_json()["version"])


def test_one_file_is_shown_at_once_and_several_are_listed(client: FlaskClient, file: Path) -> None:
    assert client.get("/").headers["Location"] == PAGE
    file.with_name("broken.yaml").write_text(BROKEN, encoding="utf-8")
    page = text(client, "/")
    assert "The slope of a parabola" in page
    assert "broken.yaml" in page
    assert "2 faults" in page or "1 fault" in page


def test_the_page_shows_the_variant_with_its_answers(client: FlaskClient) -> None:
    page = text(client, f"{PAGE}?seed=7")
    for piece in ("The slope of a parabola", "Look to the", "12*x + 3", "Hint", "Worked solution", "Nothing to mend."):
        assert piece in page


def test_another_seed_is_another_variant(client: FlaskClient) -> None:
    assert text(client, f"{PAGE}?seed=7") != text(client, f"{PAGE}?seed=8")


def test_a_translated_problem_is_shown_in_the_language_that_is_chosen(client: FlaskClient, file: Path) -> None:
    assert client.get(PAGE).text.count("hreflang") == 0
    prompt = SOUND[SOUND.index("prompt: |") : SOUND.index("parts:")]
    german = SOUND.replace(prompt, 'prompt: {en: "In English, {{ f }}.", de: "Auf Deutsch, {{ f }}."}\n')
    file.write_text(german, encoding="utf-8")
    assert '<div lang="de">' not in client.get(PAGE).text
    reply = client.get(f"{PAGE}?seed=3&language=de")
    assert "Auf Deutsch" in reply.text
    assert re.search(r'language=de" hreflang="de" aria-current="true">German', reply.text)
    assert "seed=4&amp;language=de" in reply.text
    assert '<div lang="de">' in client.get(PAGE, headers={"Accept-Language": "de"}).text


@pytest.mark.parametrize("seed", ["-1", "x", "1.5", "10000000", "²"])
def test_a_seed_that_is_none_is_a_sentence(client: FlaskClient, seed: str) -> None:
    reply = client.get(f"{PAGE}?seed={seed}")
    assert (reply.status_code, "whole number" in reply.text) == (400, True)


def test_an_answer_is_judged_with_its_evidence(client: FlaskClient) -> None:
    page = text(client, f"{PAGE}?seed=7", **{"answer.derivative": "12x + 4", "answer.slope": "15"})
    assert "Not right 0 / 2" in page
    assert "Right 1 / 1" in page
    assert "Use the power rule on each term." in page
    assert re.search(r"At x = .* the response is", page), page


def test_what_is_typed_is_read_before_it_is_judged(client: FlaskClient) -> None:
    reply = client.post(f"/readings/{KEY}?seed=7", data={"part": "derivative", "answer.derivative": "2x +"})
    assert reply.get_json()["error"]["message"]
    assert client.post(f"/readings/{KEY}?seed=7", data={"part": "other"}).status_code == 404


def test_a_kept_answer_is_not_judged(client: FlaskClient) -> None:
    reply = client.post(f"{PAGE}?seed=7", data={"answer.derivative": "12x", "keep": "1"})
    assert 'value="12x"' in reply.text
    assert "verdict note" not in reply.text


def test_a_save_is_seen_and_shown(client: FlaskClient, file: Path) -> None:
    before = version(client)
    assert version(client) == before
    file.write_text(SOUND.replace("Look to the", "Turn to the"), encoding="utf-8")
    assert version(client) != before
    assert "Turn to the" in text(client)


def test_an_atomic_save_is_seen_and_shown(client: FlaskClient, file: Path) -> None:
    before = version(client)
    beside = file.with_name(".slope.tmp")
    beside.write_text(SOUND.replace("Look to the", "Turn to the"), encoding="utf-8")
    beside.replace(file)
    assert version(client) != before
    assert "Turn to the" in text(client)


def test_a_fragment_that_changes_is_seen(client: FlaskClient, file: Path) -> None:
    fragment = file.parents[1] / "fragments" / "greeting.md"
    fragment.parent.mkdir()
    fragment.write_text("Good morning.", encoding="utf-8")
    file.write_text(SOUND.replace("Look to the", "{{> greeting}} Look to the"), encoding="utf-8")
    before = version(client)
    assert "Good morning." in text(client)
    fragment.write_text("Good evening.", encoding="utf-8")
    assert version(client) != before
    assert "Good evening." in text(client)


def test_a_broken_file_shows_its_faults_above_the_last_good_variant(client: FlaskClient, file: Path) -> None:
    good = text(client, f"{PAGE}?seed=7")
    file.write_text(BROKEN, encoding="utf-8")
    page = text(client, f"{PAGE}?seed=7")
    assert "slope-of-a-parabola.yaml:5:1" in page
    assert "Did you mean 'level'?" in page
    assert "levl: drill ^" in page
    assert page.index("Did you mean") < page.index("as it last could be read") < page.index("Look to the")
    assert "Right 2 / 2" in text(client, f"{PAGE}?seed=7", **{"answer.derivative": "12x + 3"})
    file.write_text(SOUND, encoding="utf-8")
    assert text(client, f"{PAGE}?seed=7") == good


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"id: [", b"- a\n- b", b"\t"])
def test_a_file_that_never_could_be_read_shows_its_faults_alone(
    client: FlaskClient, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    page = text(client)
    assert "slope-of-a-parabola.yaml:" in page
    assert "Nothing to show yet" in page


def test_a_file_that_is_gone_for_a_moment_stays_on_the_page(client: FlaskClient, file: Path) -> None:
    before = version(client)
    file.unlink()
    assert version(client) == f"{before}-gone" == version(client)
    page = text(client)
    assert "not there just now" in page
    assert "Look to the" in page
    file.write_text(SOUND, encoding="utf-8")
    assert version(client) == before


def test_a_finding_of_lint_stands_beside_the_variant(client: FlaskClient, file: Path) -> None:
    file.write_text(SOUND.replace("marks: {slope: 0}", "marks: {slope: 1}"), encoding="utf-8")
    page = text(client)
    assert "gets 0 points, not 1" in page
    assert "this seed" in page
    assert "Look to the" in page


def test_a_seed_without_a_variant_says_why(client: FlaskClient, file: Path) -> None:
    file.write_text(spoiled("at: {x: 1}}", 'at: {x: "1/(a - a)"}}'), encoding="utf-8")
    page = text(client)
    assert "No variant at seed 0" in page
    assert "division by zero" in page


def test_only_this_machine_is_answered(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "grader.example:8080"}).status_code == 403
    assert client.get(PAGE, headers={"Host": "127.0.0.1:8080"}).status_code == 200


@pytest.mark.parametrize("address", ["/problems/other.yaml", "/problems/../samples.yaml", "/state/%2e%2e/x.yaml"])
def test_no_other_file_can_be_asked_for(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    reply = client.get(PAGE)
    assert re.findall(r'(?:src|href)="(?!/|#)[^"]*"', reply.text) == []
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]


def finished(sweeper: Sweeper, file: Path) -> Progress:
    """The progress once every chunk has come back."""
    problem = Drafts([file.parents[1]]).draft(KEY).problem
    assert problem is not None
    sweeper.progress(KEY, problem)
    for future in sweeper._running[KEY].futures:
        over = Event()
        future.add_done_callback(lambda _future, over=over: over.set())
        assert over.wait(120)
    return sweeper.progress(KEY, problem)


def test_a_pool_that_breaks_as_the_page_stops_is_a_failure_of_the_sweep_and_no_traceback(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    problem = Drafts([file.parents[1]]).draft(KEY).problem
    assert problem is not None
    running, future = _Running(problem, 30), Future[Swept]()
    future.add_done_callback(running.take)
    future.set_exception(BrokenProcessPool())
    assert running.progress().failure
    assert not caplog.records


def test_the_sweep_goes_on_beside_and_begins_anew_with_a_new_text(file: Path) -> None:
    with Sweeper(30) as sweeper:
        client = create_authoring_app(Desk(Drafts([file.parents[1]]), sweeper)).test_client()
        assert "of 30 seeds" in text(client)
        progress = finished(sweeper, file)
        assert (progress.done, progress.is_over, progress.findings) == (30, True, ())
        assert "30 of 30 seeds" in text(client, f"/sweeps/{KEY}")
        file.write_text(spoiled("at: {x: 1}}", 'at: {x: "1/(a - 4)"}}'), encoding="utf-8")
        client.get(f"/state/{KEY}")
        progress = finished(sweeper, file)
        assert next(finding for finding in progress.findings if finding.kind == "variant").seeds
