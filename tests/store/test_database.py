"""Opening a database, column types and transactions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import ConfigError
from grader.store.courses import Course
from grader.store.database import database_url as normal_url
from grader.store.database import open_engine, writing
from grader.store.enrolments import Enrolment
from grader.store.jobs import Job
from grader.store.problems import Problem, ProblemVersion

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://anna@host/name", "postgresql+psycopg://anna@host/name"),
        ("postgresql://anna@host:5433/name", "postgresql+psycopg://anna@host:5433/name"),
        ("postgresql+psycopg://anna@host/name", "postgresql+psycopg://anna@host/name"),
        ("sqlite:///var/grader.sqlite3", "sqlite:///var/grader.sqlite3"),
    ],
)
def test_urls(given: str, meant: str) -> None:
    assert normal_url(given).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize("given", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_wrong_urls(given: str) -> None:
    with pytest.raises(ConfigError) as caught:
        normal_url(given)
    assert caught.value.field == "GRADER_DATABASE_URL"


def test_sqlite_makes_its_folder_and_is_durable(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new/folder/g.sqlite3")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()


@pytest.mark.parametrize(
    "moment", [NOON, NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), datetime.min.replace(tzinfo=UTC)]
)
def test_moments_come_back_in_utc(session: Session, moment: datetime) -> None:
    with writing(session):
        session.add(Course(title="T", secret="00", created=moment))
    stored = session.scalars(select(Course.created)).one()
    assert stored == moment
    assert stored.utcoffset() == timedelta(0)


def test_moments_compare_in_sql(session: Session) -> None:
    with writing(session):
        session.add(Course(title="T", secret="00", created=NOON))
    later = (NOON + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-7)))
    assert session.scalars(select(Course.id).where(Course.created < later)).all()
    assert not session.scalars(select(Course.id).where(Course.created > later)).all()


def test_moment_without_zone_is_refused(session: Session) -> None:
    session.add(Course(title="T", secret="00", created=NOON.replace(tzinfo=None)))
    with pytest.raises(StatementError, match="time zone"):
        session.flush()


def test_marks_stay_exact(session: Session) -> None:
    with writing(session):
        problem = Problem(key="p", created=NOON)
        session.add(problem)
        session.flush()
        exact = Fraction(10**30 + 1, 3 * 10**29 + 7)
        values = {"version": "v", "title": "T", "topic": "t", "level": "l", "source": "s", "created": NOON}
        session.add(ProblemVersion(problem_id=problem.id, max_score=exact, **values))
    assert session.scalars(select(ProblemVersion.max_score)).one() == exact


@pytest.mark.parametrize(
    "typed", ["x^2", "null \x00 byte", "lone \ud800 surrogate", "∂f/∂x = ½", "", "\u2028\U0001f600"]
)
def test_what_was_typed_comes_back(session: Session, typed: str) -> None:
    with writing(session):
        session.add(Job(kind="k", payload={"typed": typed}, state="waiting", due=NOON, taken=0, created=NOON))
    assert session.scalars(select(Job.payload)).one() == {"typed": typed}


def test_references_hold(session: Session) -> None:
    with pytest.raises(IntegrityError), writing(session):
        session.add(Enrolment(course_id=99, user_id=99, role="student", created=NOON))


def add_course_then_stop(session: Session) -> None:
    with writing(session):
        with writing(session):
            session.add(Course(title="T", secret="00", created=NOON))
        raise KeyboardInterrupt


def test_writing_rolls_back_on_an_error(session: Session) -> None:
    with pytest.raises(KeyboardInterrupt):
        add_course_then_stop(session)
    assert not session.scalars(select(Course.id)).all()
    with writing(session):
        session.add(Course(title="T", secret="00", created=NOON))
    assert session.scalars(select(Course.id)).all()


def test_writing_inside_writing_is_one_transaction(session: Session) -> None:
    with pytest.raises(KeyboardInterrupt), writing(session):
        add_course_then_stop(session)
    assert not session.scalars(select(Course.id)).all()


def test_writers_that_read_first_take_turns(sessions: sessionmaker[Session], engine: Engine) -> None:
    with sessions() as session, writing(session):
        session.add(Course(title="0", secret="00", created=NOON))
    together = Barrier(8, timeout=30)

    def count_up() -> None:
        with sessions() as session:
            assert session.scalars(select(Course.title)).one()  # a reading transaction is open here
            together.wait()
            with writing(session):
                course = session.scalars(select(Course).with_for_update()).one()
                course.title = str(int(course.title) + 1)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(count_up) for _ in range(8)]:
            done.result(60)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT title FROM courses")).scalar() == "8"


@pytest.mark.postgres
def test_connections_that_the_server_has_ended_are_replaced(postgres_url: str) -> None:
    engine, other = open_engine(postgres_url), open_engine(postgres_url)

    def answers() -> list[int]:
        """The processes of the server that answer three who ask at once."""
        with engine.connect() as first, engine.connect() as second, engine.connect() as third:
            return [one.execute(text("SELECT pg_backend_pid()")).scalar_one() for one in (first, second, third)]

    known = answers()
    assert sorted(answers()) == sorted(known), "an idle connection is used again"
    with other.connect() as connection:
        for process in known:
            connection.execute(text("SELECT pg_terminate_backend(:process, 20000)"), {"process": process})
    assert set(answers()).isdisjoint(known)
    engine.dispose()
    other.dispose()


@pytest.mark.postgres
def test_statements_stay_prepared_when_a_reading_transaction_ends(postgres_url: str) -> None:
    engine = open_engine(postgres_url, pool_size=1)
    reading, broken = text("SELECT title FROM courses WHERE id = 1"), text("SELECT 1 / 0")

    def prepared() -> int:
        with engine.begin() as connection:
            return connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()

    for _ in range(8):
        with engine.connect() as connection:  # and is given back without a commit
            connection.execute(reading)
    assert prepared() == 1
    with engine.connect() as connection:
        connection.execute(reading)
        with pytest.raises(DataError):
            connection.execute(broken)
    with engine.connect() as connection:
        assert connection.execute(reading).all() == []
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO courses (title, secret, created) VALUES ('T', '00', now())"))
        connection.rollback()
        assert connection.execute(reading).all() == []
        assert connection.execute(text("SELECT count(*) FROM courses")).scalar_one() == 0
    engine.dispose()


@pytest.mark.postgres
def test_columns_of_a_statement_are_known_after_the_first_time(postgres_url: str) -> None:
    engine = open_engine(postgres_url, pool_size=1)
    asked = "SELECT id, title FROM courses"
    with engine.connect() as connection:
        driver = connection.connection.cursor()
        driver.execute(asked)
        described = driver.description
        assert [column.name for column in described or ()] == ["id", "title"]
        driver.execute("SELECT 1 AS one")
        assert [column[0] for column in driver.description or ()] == ["one"]
        driver.execute("CREATE TEMPORARY TABLE scratch (a int, b text)")
        assert driver.description is None
        other = connection.connection.cursor()
        other.execute(asked)
        assert other.description is described
        for columns in ("a", "b, a"):
            other.execute(f"SELECT {columns} FROM scratch")
            assert ", ".join(column[0] for column in other.description or ()) == columns
        connection.exec_driver_sql("CREATE TEMPORARY VIEW seen AS SELECT a FROM scratch")
        assert list(connection.exec_driver_sql("SELECT * FROM seen").keys()) == ["a"]
        connection.exec_driver_sql("CREATE OR REPLACE TEMPORARY VIEW seen AS SELECT a, b FROM scratch")
        assert list(connection.exec_driver_sql("SELECT * FROM seen").keys()) == ["a", "b"]
    engine.dispose()
