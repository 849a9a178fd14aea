"""Stored submissions by the hundred thousand, put straight into PostgreSQL for bench/load.py --growth."""

from __future__ import annotations

from sqlalchemy import Engine, text

STEPS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
EACH = 10
"""Submissions of one attempt."""

PEOPLE = """
INSERT INTO users (login, name, is_staff, created)
SELECT 'stored-' || n, 'Stored ' || n, false, now()
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n
"""
ENROLMENTS = """
INSERT INTO enrolments (course_id, user_id, role, created)
SELECT (SELECT course_id FROM assignments WHERE id = :assignment), u.id, 'student', now()
FROM users u JOIN generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n ON u.login = 'stored-' || n
"""
ATTEMPTS = """
INSERT INTO attempts (assignment_problem_id, student_id, variant_id, number, state, tries_used, score, max_score,
                      is_solved, parts, created, preview)
SELECT a.assignment_problem_id, u.id, a.variant_id, 1, 'open', :each, a.score, a.max_score, a.is_solved, a.parts,
       now(), false
FROM users u JOIN generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n ON u.login = 'stored-' || n
CROSS JOIN (SELECT * FROM attempts WHERE tries_used > 0 ORDER BY id LIMIT 1) a
"""
SUBMISSIONS = """
INSERT INTO submissions (attempt_id, number, responses, submitted_by, created, state, judged, counted, claims,
                         claimed_until)
SELECT a.id, k, s.responses, a.student_id, now(), 'judged', now(), true, 1, now()
FROM attempts a JOIN users u ON u.id = a.student_id
JOIN generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n ON u.login = 'stored-' || n
CROSS JOIN generate_series(CAST(1 AS bigint), CAST(:each AS bigint)) k
CROSS JOIN (SELECT responses FROM submissions WHERE state = 'judged' ORDER BY id LIMIT 1) s
"""
GRADINGS = """
INSERT INTO gradings (submission_id, cause, result, marks, score, max_score, engine, created)
SELECT s.id, 'judged', g.result, g.marks, g.score, g.max_score, g.engine, now()
FROM submissions s JOIN attempts a ON a.id = s.attempt_id JOIN users u ON u.id = a.student_id
JOIN generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n ON u.login = 'stored-' || n
CROSS JOIN (SELECT * FROM gradings ORDER BY id LIMIT 1) g
"""


def fill(engine: Engine, assignment_id: int, wanted: int) -> None:
    """Bring the number of stored submissions to this; each is judged, and belongs to a student of the course."""
    with engine.begin() as connection:
        stored = connection.scalar(text("SELECT count(*) FROM submissions"))
        people = connection.scalar(text("SELECT count(*) FROM users WHERE login LIKE 'stored-%'"))
        more = (wanted - stored) // EACH
        if more > 0:
            between = {"first": people + 1, "last": people + more}
            connection.execute(text(PEOPLE), between)
            connection.execute(text(ENROLMENTS), {**between, "assignment": assignment_id})
            connection.execute(text(ATTEMPTS), {**between, "each": EACH})
            connection.execute(text(SUBMISSIONS), {**between, "each": EACH})
            connection.execute(text(GRADINGS), between)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
