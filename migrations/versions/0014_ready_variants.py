"""Variants that are made before students ask for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FAULTY = sa.text("body IS NULL")


def upgrade() -> None:
    op.create_table(
        "ready_variants",
        sa.Column("id", KEY, nullable=False),
        sa.Column("problem_version_id", KEY, nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_version_id"], ["problem_versions.id"], name=op.f("fk_ready_variants_problem_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ready_variants")),
        sa.UniqueConstraint(
            "seed", "problem_version_id", "language", name=op.f("uq_ready_variants_seed_problem_version_id_language")
        ),
    )
    op.create_index(
        "ix_ready_variants_faults",
        "ready_variants",
        ["problem_version_id"],
        sqlite_where=FAULTY,
        postgresql_where=FAULTY,
    )


def downgrade() -> None:
    op.drop_index("ix_ready_variants_faults", table_name="ready_variants")
    op.drop_table("ready_variants")
