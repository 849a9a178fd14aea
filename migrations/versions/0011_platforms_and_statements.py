"""Platforms that ask to wait, platforms that register themselves, statements to a learning record store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.add_column("lti_platforms", sa.Column("paused", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lti_platforms", sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "lti_invitations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("platform_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_lti_invitations_author_id")),
        sa.ForeignKeyConstraint(["platform_id"], ["lti_platforms.id"], name=op.f("fk_lti_invitations_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_lti_invitations_hash")),
    )
    op.create_table(
        "statement_stores",
        sa.Column("id", KEY, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_stores")),
    )
    op.create_table(
        "statements",
        sa.Column("id", KEY, nullable=False),
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("max_score", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", KEY, nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_statements_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_statements_statement_id")),
    )
    op.create_index(op.f("ix_statements_submission_id"), "statements", ["submission_id"], unique=False)
    op.create_index(
        "ix_statements_waiting", "statements", ["due"], unique=False, sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_index("ix_statements_waiting", table_name="statements", sqlite_where=WAITING, postgresql_where=WAITING)
    op.drop_index(op.f("ix_statements_submission_id"), table_name="statements")
    op.drop_table("statements")
    op.drop_table("statement_stores")
    op.drop_table("lti_invitations")
    with op.batch_alter_table("lti_platforms") as table:
        table.drop_column("pending")
        table.drop_column("paused")
