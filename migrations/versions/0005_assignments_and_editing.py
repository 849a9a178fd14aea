"""Rules of assignments, extensions, previews, and problems that courses write themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def assignment_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("visibility", sa.Text(), nullable=False, server_default="shown"),
        sa.Column("zone", sa.Text(), nullable=False, server_default="UTC"),
        sa.Column("revision", KEY, nullable=False, server_default="1"),
        sa.Column("late_kind", sa.Text(), nullable=False, server_default="none"),
        sa.Column("late_grace", KEY, nullable=False, server_default="0"),
        sa.Column("late_loss", sa.Text(), nullable=False, server_default="0"),
        sa.Column("late_floor", sa.Text(), nullable=False, server_default="0"),
        sa.Column("late_until", MOMENT, nullable=True),
        sa.Column("exam", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("feedback_from", MOMENT, nullable=True),
        sa.Column("released", MOMENT, nullable=True),
        sa.Column("one_variant", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]


def upgrade() -> None:
    with op.batch_alter_table("assignments") as table:
        for column in assignment_columns():
            table.add_column(column)
    with op.batch_alter_table("assignment_problems") as table:
        table.add_column(sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("attempts") as table:
        table.add_column(sa.Column("preview", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("problem_versions") as table:
        table.add_column(sa.Column("family", sa.Text(), nullable=True))
        table.add_column(sa.Column("words", sa.Text(), nullable=True))
    _add_extensions()
    _add_problem_saves()
    _add_problem_sweeps()


def _add_extensions() -> None:
    op.create_table(
        "extensions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("assignment_id", KEY, nullable=False),
        sa.Column("student_id", KEY, nullable=False),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("tries", KEY, nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_extensions_assignment_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_extensions_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
        sa.UniqueConstraint("assignment_id", "student_id", name=op.f("uq_extensions_assignment_id_student_id")),
    )


def _add_problem_saves() -> None:
    op.create_table(
        "problem_saves",
        sa.Column("id", KEY, nullable=False),
        sa.Column("problem_id", KEY, nullable=False),
        sa.Column("problem_version_id", KEY, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_problem_saves_problem_id")),
        sa.ForeignKeyConstraint(
            ["problem_version_id"], ["problem_versions.id"], name=op.f("fk_problem_saves_problem_version_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_problem_saves_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_saves")),
    )
    op.create_index(op.f("ix_problem_saves_problem_id"), "problem_saves", ["problem_id"], unique=False)


def _add_problem_sweeps() -> None:
    op.create_table(
        "problem_sweeps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("problem_id", KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seeds", KEY, nullable=False),
        sa.Column("done", KEY, nullable=False),
        sa.Column("distinct", KEY, nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_problem_sweeps_problem_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_problem_sweeps_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_sweeps")),
    )
    op.create_index(op.f("ix_problem_sweeps_problem_id"), "problem_sweeps", ["problem_id"], unique=False)


def downgrade() -> None:
    for table in ("problem_sweeps", "problem_saves"):
        op.drop_index(op.f(f"ix_{table}_problem_id"), table_name=table)
        op.drop_table(table)
    op.drop_table("extensions")
    with op.batch_alter_table("problem_versions") as table:
        table.drop_column("words")
        table.drop_column("family")
    with op.batch_alter_table("attempts") as table:
        table.drop_column("preview")
    with op.batch_alter_table("assignment_problems") as table:
        table.drop_column("removed")
    with op.batch_alter_table("assignments") as table:
        for column in reversed(assignment_columns()):
            table.drop_column(column.name)
