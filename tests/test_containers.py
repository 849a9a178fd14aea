"""The compose file and the Dockerfile, as far as they can be tried without an engine: the same processes, outside."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML
from sqlalchemy import make_url

from grader.config import SETTINGS
from tests import servers
from tests.cli.test_serve import Running
from tests.conftest import drop_postgres_database, postgres_database

ROOT = Path(__file__).parents[1]
OURS = ("migrate", "web", "worker")
SECRET = "b5e1f0a97c3d42688a4b6c5d7e8f9012"
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
SOON = 120


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = YAML(typ="safe", pure=True).load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return dict(found)


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def test_every_service_is_confined(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, "postgres", "redis"}
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["pids_limit"], name
        assert service["tmpfs"], name
        assert set(service["networks"]) <= set(compose["networks"]), name
        assert not {"privileged", "network_mode", "pid", "devices"} & set(service), name
        assert set(service.get("depends_on", ())) <= set(compose["services"]), name
        assert "healthcheck" in service or name == "web", name  # that one's is in the Dockerfile
    assert compose["networks"]["inside"]["internal"] is True
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["web"]
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_secrets_come_by_file_and_settings_exist(compose: dict[str, Any]) -> None:
    known = {setting.variable for setting in SETTINGS}
    for name, service in compose["services"].items():
        given = service.get("environment", {})
        assert not re.search(r"PASSWORD=|SECRET_KEY=", str(given))
        for variable, text in given.items():
            if variable.startswith("GRADER_"):
                assert variable.removesuffix("_FILE") in known, variable
            if variable.endswith("_FILE"):
                assert text.removeprefix("/run/secrets/") in service["secrets"], name
            assert not re.search(r"PASSWORD$|SECRET_KEY$", variable), variable
    used = {one for service in compose["services"].values() for one in service.get("secrets", ())}
    assert used == set(compose["secrets"])
    assert all(set(each) == {"file"} for each in compose["secrets"].values())


def composed(file: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `docker compose config` says of a file."""
    command = [*servers.compose(), "--file", str(file), "config"]
    given = {"PATH": os.environ["PATH"], "HOME": str(file.parent), **variables}
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def test_docker_compose_takes_the_file(compose: dict[str, Any]) -> None:
    done = composed(ROOT / "docker-compose.yml", LISTEN="127.0.0.9", PORT="8111", GRADER_PUBLIC_URL="https://a.example")
    assert (done.returncode, done.stderr) == (0, "")
    read = YAML(typ="safe", pure=True).load(done.stdout)
    assert set(read["services"]) == set(compose["services"])
    assert set(read["volumes"]) == set(compose["volumes"])
    for name in OURS:
        service = read["services"][name]
        assert service["command"] == compose["services"][name]["command"]
        assert service["environment"]["GRADER_PUBLIC_URL"] == "https://a.example"
        assert set(service["depends_on"]) == set(compose["services"][name]["depends_on"])
        assert service["read_only"] is True
    (port,) = read["services"]["web"]["ports"]
    assert re.findall(r"127\.0\.0\.9|8111|8000", str(port)) in (
        ["127.0.0.9", "8111", "8000"],
        ["127.0.0.9", "8000", "8111"],
    )
    assert read["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("mem_limit: 3g", "mem_limits: 3g"),
        ("condition: service_healthy", "condition: service_well"),
        ("cpus: 2", "cpus: two"),
        ("postgres: {condition", "postgresql: {condition"),
    ],
)
def test_docker_compose_refuses_a_faulty_file(right: str, wrong: str, tmp_path: Path) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "docker-compose.yml").write_text(text.replace(right, wrong, 1), encoding="utf-8")
    done = composed(tmp_path / "docker-compose.yml")
    assert done.returncode != 0, done.stdout
    assert done.stderr


def test_what_the_image_holds_runs(tmp_path: Path) -> None:
    """The COPY lines bring everything that the command needs: it runs from that folder alone."""
    made = subprocess.run([ROOT / ".ci" / "image", tmp_path / "image"], capture_output=True, text=True, check=True)
    folder = Path(made.stdout.strip())
    assert not (folder / "tests").exists()
    assert not list(folder.rglob("__pycache__"))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/grader.sqlite3",
    }
    for arguments in ("db upgrade", "check 2x 2*x", "lti --help"):
        command = [sys.executable, "-c", "from grader.cli import main; main()", *shlex.split(arguments)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_line_of_the_dockerfile_that_names_nothing_is_found(tmp_path: Path) -> None:
    copied = tmp_path / "checkout"
    (copied / ".ci").mkdir(parents=True)
    (copied / ".ci" / "image").write_bytes((ROOT / ".ci" / "image").read_bytes())
    (copied / ".dockerignore").write_bytes((ROOT / ".dockerignore").read_bytes())
    (copied / "Dockerfile").write_text("FROM python AS image\nWORKDIR /app\nCOPY missing ./\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, copied / ".ci" / "image", tmp_path / "out"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "COPY missing" in done.stderr) == (1, True)


def settings(compose: dict[str, Any], name: str, tmp_path: Path, url: str) -> dict[str, str]:
    """The variables of a service, with the hosts and files of this machine."""
    password = tmp_path / "database_password"
    password.write_text(make_url(url).password or "not asked for", encoding="utf-8")
    (tmp_path / "secret_key").write_text(SECRET, encoding="utf-8")
    given = {key: VARIABLE.sub(r"\2", text) for key, text in compose["services"][name]["environment"].items()}
    given = {key: text.replace("/run/secrets", str(tmp_path)) for key, text in given.items()}
    own = make_url(url)._replace(password=None).render_as_string(hide_password=False)
    assert given["GRADER_DATABASE_URL"] == "postgresql://grader@postgres/grader"
    assert given["GRADER_BROKER_URL"] == "redis://redis:6379/0"
    return given | {"GRADER_DATABASE_URL": own, "GRADER_BROKER_URL": f"{servers.broker('redis')}/9"}


@pytest.mark.live
@pytest.mark.postgres
@pytest.mark.redis
def test_the_same_processes_with_the_same_variables(compose: dict[str, Any], tmp_path: Path) -> None:
    servers.postgres()
    url, port = postgres_database(), servers.free_port()
    problems = tmp_path / "problems"
    problems.mkdir()
    own = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "GRADER_PORT": str(port)}
    own |= {"GRADER_PROBLEMS": str(problems), "GRADER_HOST": "127.0.0.1"}  # the bank takes seconds to load
    own |= {"GRADER_GRADING_PROCESSES": "1"}
    run = {
        name: (tuple(compose["services"][name]["command"][1:]), own | settings(compose, name, tmp_path, url))
        for name in OURS
    }
    going: list[Running] = []
    try:
        going.append(Running(*run["migrate"]))
        said = going[0].rest()
        assert going[0].process.wait(SOON) == 0, said
        web, worker = (Running(*run[name]) for name in ("web", "worker"))
        going += [web, worker]
        web.wait_for(f"Serving at http://127.0.0.1:{port}")
        worker.wait_for("The worker is running.")
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=SOON).status_code == 200
        (check,) = re.findall(r"HEALTHCHECK .*? CMD (\[.*?\])\n", dockerfile())
        words = YAML(typ="safe", pure=True).load(
            check.replace(":8000/", f":{port}/").replace("timeout=2", "timeout=60")
        )
        assert subprocess.run([sys.executable, *words[1:]], check=False).returncode == 0
        for running in (web, worker):
            running.process.send_signal(signal.SIGTERM)
        told = [running.rest() for running in (web, worker)]
        assert [running.process.wait(SOON) for running in (web, worker)] == [0, 0], told
        assert "Traceback" not in "".join(told)
    finally:
        for running in going:
            running.close()
        drop_postgres_database(url)
