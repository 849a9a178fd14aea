"""What bench/load.py compares with: the same server, database and driver, and a route that only commits one row."""

from __future__ import annotations

import os

from flask import Flask
from sqlalchemy import text

from grader.store.database import open_engine


def app() -> Flask:
    """The application; the table is made by bench/load.py."""
    engine = open_engine(os.environ["GRADER_DATABASE_URL"])
    bare = Flask("bare")

    @bare.post("/commit")
    def commit() -> tuple[str, int]:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO bench_rows (word) VALUES ('row')"))
        return "{}", 201

    @bare.get("/readyz")
    def ready() -> str:
        return "ok"

    return bare
