"""LTI platforms, launches and line items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lti_own_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_own_keys")),
        sa.UniqueConstraint("kid", name=op.f("uq_lti_own_keys_kid")),
    )
    op.create_table(
        "lti_platforms",
        sa.Column("id", KEY, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authorization_url", sa.Text(), nullable=False),
        sa.Column("token_url", sa.Text(), nullable=False),
        sa.Column("keyset_url", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.Column("keys_fetched", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_platforms")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_lti_platforms_issuer_client_id")),
    )
    op.create_table(
        "lti_deployments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("deployment", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["lti_platforms.id"], name=op.f("fk_lti_deployments_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_deployments")),
        sa.UniqueConstraint("platform_id", "deployment", name=op.f("uq_lti_deployments_platform_id_deployment")),
    )
    op.create_table(
        "lti_logins",
        sa.Column("id", KEY, nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("storage", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform_id"], ["lti_platforms.id"], name=op.f("fk_lti_logins_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_logins")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_lti_logins_state_hash")),
    )
    op.create_index(op.f("ix_lti_logins_created"), "lti_logins", ["created"], unique=False)
    op.create_table(
        "lti_people",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["lti_platforms.id"], name=op.f("fk_lti_people_platform_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lti_people_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_people")),
        sa.UniqueConstraint("platform_id", "subject", name=op.f("uq_lti_people_platform_id_subject")),
    )
    op.create_index(op.f("ix_lti_people_user_id"), "lti_people", ["user_id"], unique=False)
    op.create_table(
        "lti_tickets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_hash", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lti_tickets_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_tickets")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_lti_tickets_ticket_hash")),
    )
    op.create_table(
        "lti_contexts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("deployment_id", KEY, nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("roster_url", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_lti_contexts_course_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["lti_deployments.id"], name=op.f("fk_lti_contexts_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_contexts")),
        sa.UniqueConstraint("deployment_id", "context", name=op.f("uq_lti_contexts_deployment_id_context")),
    )
    op.create_index(op.f("ix_lti_contexts_course_id"), "lti_contexts", ["course_id"], unique=False)
    op.create_table(
        "lti_links",
        sa.Column("id", KEY, nullable=False),
        sa.Column("deployment_id", KEY, nullable=False),
        sa.Column("context_id", KEY, nullable=False),
        sa.Column("resource_link", sa.Text(), nullable=False),
        sa.Column("assignment_id", KEY, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("line_item", sa.Text(), nullable=False),
        sa.Column("line_items", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("column_claimed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_lti_links_assignment_id")),
        sa.ForeignKeyConstraint(["context_id"], ["lti_contexts.id"], name=op.f("fk_lti_links_context_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["lti_deployments.id"], name=op.f("fk_lti_links_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_links")),
        sa.UniqueConstraint("deployment_id", "resource_link", name=op.f("uq_lti_links_deployment_id_resource_link")),
    )
    op.create_index(op.f("ix_lti_links_assignment_id"), "lti_links", ["assignment_id"], unique=False)
    op.create_table(
        "lti_grades",
        sa.Column("id", KEY, nullable=False),
        sa.Column("link_id", KEY, nullable=False),
        sa.Column("student_id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changes", KEY, nullable=False),
        sa.Column("tries", KEY, nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["lti_links.id"], name=op.f("fk_lti_grades_link_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_lti_grades_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_grades")),
        sa.UniqueConstraint("link_id", "student_id", name=op.f("uq_lti_grades_link_id_student_id")),
    )
    op.create_index(op.f("ix_lti_grades_student_id"), "lti_grades", ["student_id"], unique=False)
    op.create_index(
        "ix_lti_grades_waiting",
        "lti_grades",
        ["due"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_lti_grades_waiting",
        table_name="lti_grades",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_lti_grades_student_id"), table_name="lti_grades")
    op.drop_table("lti_grades")
    op.drop_index(op.f("ix_lti_links_assignment_id"), table_name="lti_links")
    op.drop_table("lti_links")
    op.drop_index(op.f("ix_lti_contexts_course_id"), table_name="lti_contexts")
    op.drop_table("lti_contexts")
    op.drop_table("lti_tickets")
    op.drop_index(op.f("ix_lti_people_user_id"), table_name="lti_people")
    op.drop_table("lti_people")
    op.drop_index(op.f("ix_lti_logins_created"), table_name="lti_logins")
    op.drop_table("lti_logins")
    op.drop_table("lti_deployments")
    op.drop_table("lti_platforms")
    op.drop_table("lti_own_keys")
