"""Responses in quarantine, and submissions on which judging contradicts itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", KEY, nullable=False),
        sa.Column("problem_version_id", KEY, nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("response_hash", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("strikes", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_version_id"], ["problem_versions.id"], name=op.f("fk_quarantine_problem_version_id")
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_quarantine_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "problem_version_id",
            "seed",
            "part",
            "response_hash",
            name=op.f("uq_quarantine_problem_version_id_seed_part_response_hash"),
        ),
    )
    op.create_index(op.f("ix_quarantine_submission_id"), "quarantine", ["submission_id"], unique=False)
    op.create_table(
        "contradictions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_contradictions_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contradictions")),
        sa.UniqueConstraint("submission_id", "part", name=op.f("uq_contradictions_submission_id_part")),
    )


def downgrade() -> None:
    op.drop_table("contradictions")
    op.drop_index(op.f("ix_quarantine_submission_id"), table_name="quarantine")
    op.drop_table("quarantine")
