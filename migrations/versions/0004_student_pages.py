"""What the pages of students keep: settings of a person, hints that were opened, the pool for practice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POOL = sa.text("is_pool")


def upgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("time_zone", sa.Text(), nullable=True))
        table.add_column(sa.Column("language", sa.Text(), nullable=True))
        table.add_column(sa.Column("session_version", KEY, nullable=False, server_default="0"))
    with op.batch_alter_table("assignments") as table:
        table.add_column(sa.Column("is_pool", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "uq_assignments_pool", "assignments", ["course_id"], unique=True, sqlite_where=POOL, postgresql_where=POOL
    )
    op.create_table(
        "opened_hints",
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_opened_hints_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "number", name=op.f("pk_opened_hints")),
    )


def downgrade() -> None:
    op.drop_table("opened_hints")
    op.drop_index("uq_assignments_pool", table_name="assignments", sqlite_where=POOL, postgresql_where=POOL)
    with op.batch_alter_table("assignments") as table:
        table.drop_column("is_pool")
    with op.batch_alter_table("users") as table:
        table.drop_column("session_version")
        table.drop_column("language")
        table.drop_column("time_zone")
