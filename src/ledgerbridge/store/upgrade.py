"""Whose database is it, and how old: refuse what is not ours, bring up what is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection

from ledgerbridge.errors import StoreProblem

APPLICATION_ID = int.from_bytes(b"LgBr", "big")  # in the header of every file of ours
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
)  # of `migrations/versions`, oldest first; kept here to start without alembic


def is_current(raw: sqlite3.Connection, path: Path) -> bool:
    """
    Whether the database has today's tables; False when it is empty or older.

    Raises StoreProblem when its tables are not ours, or were made by a newer Ledgerbridge. Reads
    only.
    """
    tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return False
    ((application_id,),) = raw.execute("PRAGMA application_id").fetchall()
    if application_id != APPLICATION_ID or "alembic_version" not in tables:
        raise StoreProblem(
            f"The database {path} holds tables of another program. Nothing was written. "
            "Choose another file with LEDGERBRIDGE_DATABASE_URL."
        )
    ((revision,),) = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    if revision not in REVISIONS:
        raise StoreProblem(
            f"The database {path} was written by a newer version of Ledgerbridge (its revision is "
            f"{revision}, this version knows {REVISIONS[-1]}). Nothing was written. "
            "Install that version again, or restore a backup made before the upgrade."
        )
    return bool(revision == REVISIONS[-1])


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date within the open transaction: all of it or nothing."""
    # Alembic takes a quarter of a second to import, and only a new or old database needs it.
    from alembic import command  # noqa: PLC0415 -- see above
    from alembic.config import Config  # noqa: PLC0415 -- see above

    config = Config()
    config.set_main_option("script_location", "ledgerbridge.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
