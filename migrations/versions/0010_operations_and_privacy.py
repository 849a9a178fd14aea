"""Reports of judging again, how long answers are kept, a log that nobody edits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAID = "the audit log cannot be changed"
# Names of people and words about them, which the log held before it could not be changed any more.
PERSONAL = ("user.renamed", "submission.marked", "regrade.ready", "regrade.applied", "regrade.undone")


def upgrade() -> None:
    op.add_column("courses", sa.Column("retention_days", KEY, nullable=True))
    op.create_table(
        "replays",
        sa.Column("id", KEY, nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("course_id", KEY, nullable=True),
        sa.Column("cursor", KEY, nullable=False),
        sa.Column("judged", KEY, nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_replays_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_table(
        "replay_changes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("replay_id", KEY, nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.id"], name=op.f("fk_replay_changes_replay_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_replay_changes_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_changes")),
        sa.UniqueConstraint(
            "replay_id", "submission_id", "part", name=op.f("uq_replay_changes_replay_id_submission_id_part")
        ),
    )
    op.create_index(op.f("ix_replay_changes_submission_id"), "replay_changes", ["submission_id"], unique=False)
    audit = sa.table("audit", sa.column("action"), sa.column("details"))
    op.execute(audit.update().where(audit.c.action.in_(PERSONAL)).values(details="{}"))
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            refusal = f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
            op.execute(f"CREATE TRIGGER audit_no_{deed.lower()} BEFORE {deed} ON audit {refusal}")
        return
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$refuse$ BEGIN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'restrict_violation'; END $refuse$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    else:
        op.execute("DROP TRIGGER audit_no_change ON audit")
        op.execute("DROP FUNCTION audit_refuse()")
    op.drop_index(op.f("ix_replay_changes_submission_id"), table_name="replay_changes")
    op.drop_table("replay_changes")
    op.drop_table("replays")
    with op.batch_alter_table("courses") as batch:
        batch.drop_column("retention_days")
