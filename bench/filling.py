"""Stored submissions by the hundred thousand, put straight into PostgreSQL, for bench/growth.py and bench/crowd.py.

Of every hundred students ten are in the course that is given, the others in courses of ninety. Each course has ten
assignments, each of one problem and each of another, each student an attempt with a variant of their own at each of
them, and each attempt ten submissions. Attempts, submissions and results are copies of those that were judged before.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine, text

from grader.store.base import Base

ASSIGNMENTS = 10
EACH = 10
"""Submissions of one attempt."""
STUDENTS = 90
"""Students of a course that is not the given one."""

STORED = "u.login LIKE 'stored-%'"
NUMBER = "CAST(substr(u.login, 8) AS bigint)"


def copied(table: str, changed: Mapping[str, str], source: str) -> str:
    """INSERT into the table what `source` selects; columns that do not change are those of the row called t."""
    names = [column.name for column in Base.metadata.tables[table].columns if column.name != "id"]
    values = ", ".join(changed.get(name, f"t.{name}") for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} {source}"


def templates(rows: str, number: str) -> str:
    """Join one of these rows as t, in turn by the number."""
    numbered = f"SELECT *, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM {rows}"
    return f"JOIN ({numbered}) t ON t.place = {number} % t.many"


def statements(course: int, students: int) -> list[str]:
    """What fills the tables, in order."""
    own = f"SELECT * FROM assignments WHERE course_id = {course} ORDER BY id LIMIT 1"
    chosen = f"SELECT p.* FROM ({own}) o JOIN assignment_problems p ON p.assignment_id = o.id"
    versions = "SELECT id, problem_id, row_number() OVER (ORDER BY id) - 1 AS place FROM problem_versions"
    others = -(-students * 9 // (10 * STUDENTS))
    enrolled = f"users u JOIN enrolments e ON e.user_id = u.id AND {STORED}"
    judged = "submissions WHERE state = 'judged' AND id <= (SELECT max(submission_id) FROM gradings)"
    return [
        copied(
            "courses",
            {"title": "'Stored ' || n", "secret": "md5(CAST(n AS text))"},
            f"FROM courses t CROSS JOIN generate_series(1, {others}) n WHERE t.id = {course}",
        ),
        copied(
            "assignments",
            {"course_id": "c.id", "title": "'Week ' || n"},
            f"FROM ({own}) t CROSS JOIN courses c CROSS JOIN generate_series(1, {ASSIGNMENTS}) n "
            f"WHERE c.id != {course} OR n < {ASSIGNMENTS}",
        ),
        copied(
            "problems",
            {"key": "t.key || '-' || n"},
            f"FROM ({chosen}) o JOIN problems t ON t.id = o.problem_id "
            f"CROSS JOIN generate_series(1, {ASSIGNMENTS - 1}) n",
        ),
        copied(
            "problem_versions",
            {"problem_id": "p.id"},
            f"FROM ({chosen}) o JOIN problem_versions t ON t.id = o.problem_version_id "
            "JOIN problems p ON p.id > o.problem_id",
        ),
        copied(
            "assignment_problems",
            {"assignment_id": "a.id", "problem_id": "v.problem_id", "problem_version_id": "v.id"},
            f"FROM ({chosen}) t JOIN (SELECT id, row_number() OVER (PARTITION BY course_id ORDER BY id) - 1 AS place "
            "FROM assignments WHERE NOT is_pool) a ON a.id != t.assignment_id "
            f"JOIN ({versions}) v ON v.place = a.place",
        ),
        copied(
            "users",
            {"login": "'stored-' || n", "name": "'Stored ' || n", "email": "NULL", "password_hash": "NULL"},
            f"FROM (SELECT * FROM users WHERE login = 'student-0') t CROSS JOIN generate_series(1, {students}) n",
        ),
        copied(
            "enrolments",
            {"course_id": "c.id", "user_id": "u.id"},
            "FROM (SELECT * FROM enrolments WHERE role = 'student' ORDER BY id LIMIT 1) t "
            f"CROSS JOIN (SELECT id, {NUMBER} AS n FROM users u WHERE {STORED}) u "
            "JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM courses) c "
            f"ON c.place = CASE WHEN u.n % 10 = 0 THEN 0 ELSE 1 + (u.n - 1) % {others} END",
        ),
        copied(
            "variants",
            {"seed": "n", "problem_version_id": "p.id"},
            f"FROM (SELECT * FROM variants ORDER BY id LIMIT 1) t "
            f"CROSS JOIN generate_series(1, {students * ASSIGNMENTS}) n "
            f"JOIN ({versions}) p ON p.place = ({ASSIGNMENTS} - n % {ASSIGNMENTS}) % {ASSIGNMENTS}",
        ),
        copied(
            "attempts",
            {"assignment_problem_id": "a.id", "student_id": "u.id", "variant_id": "v.id", "tries_used": f"{EACH}"},
            f"FROM {enrolled} JOIN (SELECT p.id, s.course_id, "
            "row_number() OVER (PARTITION BY s.course_id ORDER BY p.id) - 1 AS place "
            "FROM assignment_problems p JOIN assignments s ON s.id = p.assignment_id) a ON a.course_id = e.course_id "
            f"JOIN variants v ON v.seed = {ASSIGNMENTS} * {NUMBER} - a.place "
            + templates("attempts WHERE tries_used > 0", "v.id"),
        ),
        copied(
            "submissions",
            {"attempt_id": "a.id", "number": "n", "submitted_by": "a.student_id", "key": "NULL"},
            f"FROM attempts a JOIN users u ON u.id = a.student_id AND {STORED} "
            f"CROSS JOIN generate_series(1, {EACH}) n " + templates(judged, "a.id"),
        ),
        copied(
            "gradings",
            {"submission_id": "s.id"},
            "FROM submissions s JOIN attempts a ON a.id = s.attempt_id "
            f"JOIN users u ON u.id = a.student_id AND {STORED} " + templates("gradings", "s.id"),
        ),
    ]


def fill(engine: Engine, course: int, wanted: int) -> None:
    """Bring so many judged submissions into the database, and its statistics up to date."""
    students = wanted // (EACH * ASSIGNMENTS)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # copies of rows that were checked
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        for statement in statements(course, students):
            connection.execute(text(statement))
            connection.execute(text("ANALYZE"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
        connection.execute(text("SELECT pg_stat_reset()"))
