"""Marking by people, what waits for a person, and how people come into a course."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PRESENT = sa.text("ended IS NULL")
UNDECIDED = sa.text(
    "SELECT s.id, s.created, s.responses, a.id, a.variant_id, a.assignment_problem_id, x.course_id, g.result"
    " FROM gradings g JOIN submissions s ON s.id = g.submission_id JOIN attempts a ON a.id = s.attempt_id"
    " JOIN assignment_problems p ON p.id = a.assignment_problem_id JOIN assignments x ON x.id = p.assignment_id"
    " WHERE g.marks LIKE '%\"undecided\"%'"
    " AND g.id = (SELECT max(o.id) FROM gradings o WHERE o.submission_id = g.submission_id) ORDER BY s.id"
)
CONTRADICTED = sa.text(
    "SELECT s.id, s.created, s.responses, a.id, a.variant_id, a.assignment_problem_id, x.course_id, c.part"
    " FROM contradictions c JOIN submissions s ON s.id = c.submission_id JOIN attempts a ON a.id = s.attempt_id"
    " JOIN assignment_problems p ON p.id = a.assignment_problem_id JOIN assignments x ON x.id = p.assignment_id"
    " ORDER BY c.id"
)
WAIT = sa.text(
    "INSERT INTO waiting_parts (submission_id, part, kind, response_hash, since, attempt_id, variant_id,"
    " assignment_problem_id, course_id) VALUES (:submission, :part, :kind, :hash, :since, :attempt, :variant, :chosen,"
    " :course) ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    op.add_column("courses", sa.Column("keeps_answers", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "manual_marks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=True),
        sa.Column("max_points", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("ended", MOMENT, nullable=True),
        sa.Column("ended_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_manual_marks_submission_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_manual_marks_author_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_manual_marks_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_marks")),
    )
    op.create_index("ix_manual_marks_submission_id", "manual_marks", ["submission_id"], unique=False)
    op.create_index(
        "uq_manual_marks_present",
        "manual_marks",
        ["submission_id", "part"],
        unique=True,
        sqlite_where=PRESENT,
        postgresql_where=PRESENT,
    )
    op.create_table(
        "waiting_parts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("response_hash", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("variant_id", KEY, nullable=False),
        sa.Column("assignment_problem_id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_waiting_parts_submission_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_waiting_parts_attempt_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_waiting_parts_variant_id")),
        sa.ForeignKeyConstraint(
            ["assignment_problem_id"],
            ["assignment_problems.id"],
            name=op.f("fk_waiting_parts_assignment_problem_id"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_waiting_parts_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_parts")),
        sa.UniqueConstraint("submission_id", "part", name=op.f("uq_waiting_parts_submission_id_part")),
    )
    op.create_index(op.f("ix_waiting_parts_course_id"), "waiting_parts", ["course_id"], unique=False)
    op.create_index(op.f("ix_waiting_parts_attempt_id"), "waiting_parts", ["attempt_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("created_by", KEY, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("max_uses", KEY, nullable=True),
        sa.Column("uses", KEY, nullable=False),
        sa.Column("revoked", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_invitations_course_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_invitations_user_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_invitations_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitations_hash")),
    )
    op.create_index(op.f("ix_invitations_course_id"), "invitations", ["course_id"], unique=False)
    _note_what_waits()


def _note_what_waits() -> None:
    """The parts that are undecided already, and those on which judging contradicts itself."""
    connection = op.get_bind()
    for *place, result in connection.execute(UNDECIDED).all():
        for part, kind in _undecided(json.loads(result)):
            _note(place, part, kind)
    for *place, part in connection.execute(CONTRADICTED).all():
        _note(place, part, "contradiction")


def _note(place: Sequence[object], part: str, kind: str) -> None:
    names = ("submission", "since", "responses", "attempt", "variant", "chosen", "course")
    values = dict(zip(names, place, strict=True))
    text = json.loads(str(values.pop("responses"))).get(part, "").strip()
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    op.get_bind().execute(WAIT, {**values, "part": part, "kind": kind, "hash": digest})


def _undecided(result: dict[str, list[dict[str, object]]]) -> Iterator[tuple[str, str]]:
    kinds = {"person": "written", "contradiction": "contradiction"}
    for part in result["parts"]:
        if part["outcome"] == "undecided":
            details = part["details"]
            held = isinstance(details, dict) and details.get("limit") == "quarantine"
            yield str(part["id"]), "quarantine" if held else kinds.get(str(part["evidence"]), "undecided")


def downgrade() -> None:
    op.drop_table("invitations")
    op.drop_table("waiting_parts")
    op.drop_table("manual_marks")
    op.drop_column("courses", "keeps_answers")
