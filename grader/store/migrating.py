"""What migrations of large tables need: indexes that are made while others read and write.

A migration that uses these does nothing else: on PostgreSQL an index made online cannot be part of a transaction,
so what stands before it is committed by then, and the step may have to be run again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

LEFT_BROKEN = sa.text(
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = pg_index.indexrelid"
    " WHERE pg_class.relname = :name AND NOT pg_index.indisvalid"
)


def index_online(name: str, table: str, columns: list[str], **options: Any) -> None:
    """Make an index; one that an earlier try left half made is made anew."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        op.create_index(name, table, columns, **options)
        return
    is_broken = bind.execute(LEFT_BROKEN, {"name": name}).first() is not None
    with op.get_context().autocommit_block():
        if is_broken:
            op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True, **options)


def drop_index_online(name: str, table: str) -> None:
    """Drop an index."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(name, table_name=table)
        return
    with op.get_context().autocommit_block():
        op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)
