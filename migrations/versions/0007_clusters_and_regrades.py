"""Clusters of answers, rules made of them, regrades, and the outbox of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_cluster_sets()
    _add_cluster_rules()
    _add_regrades()
    op.create_table(
        "events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_events_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_course_id"), "events", ["course_id"], unique=False)


def _add_cluster_sets() -> None:
    op.create_table(
        "cluster_sets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("problem_version_id", KEY, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("newest_grading_id", KEY, nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("clusters", sa.Text(), nullable=False),
        sa.Column("left_out", KEY, nullable=False),
        sa.Column("computed", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_cluster_sets_course_id")),
        sa.ForeignKeyConstraint(
            ["problem_version_id"], ["problem_versions.id"], name=op.f("fk_cluster_sets_problem_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_sets")),
        sa.UniqueConstraint(
            "course_id", "problem_version_id", "part", name=op.f("uq_cluster_sets_course_id_problem_version_id_part")
        ),
    )


def _add_cluster_rules() -> None:
    op.create_table(
        "cluster_rules",
        sa.Column("id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("problem_version_id", KEY, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("share", sa.Text(), nullable=True),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("ended", MOMENT, nullable=True),
        sa.Column("ended_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_cluster_rules_course_id")),
        sa.ForeignKeyConstraint(
            ["problem_version_id"], ["problem_versions.id"], name=op.f("fk_cluster_rules_problem_version_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_cluster_rules_author_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_cluster_rules_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_rules")),
    )
    op.create_index(
        "ix_cluster_rules_present",
        "cluster_rules",
        ["course_id", "problem_version_id"],
        unique=False,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )


def _add_regrades() -> None:
    op.create_table(
        "regrades",
        sa.Column("id", KEY, nullable=False),
        sa.Column("assignment_id", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("total", KEY, nullable=False),
        sa.Column("done", KEY, nullable=False),
        sa.Column("cursor", KEY, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("applied", MOMENT, nullable=True),
        sa.Column("applied_by", KEY, nullable=True),
        sa.Column("undone", MOMENT, nullable=True),
        sa.Column("undone_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_regrades_assignment_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_regrades_author_id")),
        sa.ForeignKeyConstraint(["applied_by"], ["users.id"], name=op.f("fk_regrades_applied_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["users.id"], name=op.f("fk_regrades_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
        sa.UniqueConstraint("assignment_id", "key", name=op.f("uq_regrades_assignment_id_key")),
    )
    op.create_table(
        "regrade_changes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("regrade_id", KEY, nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("max_score", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("applied", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_regrade_changes_attempt_id")),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrades.id"], name=op.f("fk_regrade_changes_regrade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_changes")),
        sa.UniqueConstraint("regrade_id", "attempt_id", name=op.f("uq_regrade_changes_regrade_id_attempt_id")),
    )
    op.create_index(op.f("ix_regrade_changes_attempt_id"), "regrade_changes", ["attempt_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_events_course_id"), table_name="events")
    op.drop_table("events")
    op.drop_index(op.f("ix_regrade_changes_attempt_id"), table_name="regrade_changes")
    op.drop_table("regrade_changes")
    op.drop_table("regrades")
    op.drop_index("ix_cluster_rules_present", table_name="cluster_rules")
    op.drop_table("cluster_rules")
    op.drop_table("cluster_sets")
