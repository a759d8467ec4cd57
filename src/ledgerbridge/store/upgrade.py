"""Whose database is it, and how old: refuse what is not ours, bring up what is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection

from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import tables
from ledgerbridge.store.problems import problem_with

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
_PARTS = """
    SELECT kept.name || '.' || part.name
    FROM sqlite_master AS kept JOIN pragma_table_info(kept.name) AS part
    WHERE kept.type = 'table' UNION SELECT name FROM sqlite_master WHERE type = 'index'
"""


def is_current(raw: sqlite3.Connection, path: Path) -> bool:
    """
    Whether the database has today's tables; False when it is empty or older.

    Raises StoreProblem when its tables are not ours, are not all there, or were made by a newer
    Ledgerbridge. Reads only.
    """
    names = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
    if not names:
        return False
    ((application_id,),) = raw.execute("PRAGMA application_id").fetchall()
    if application_id != APPLICATION_ID or "alembic_version" not in names:
        raise StoreProblem(
            f"The database {path} holds tables of another program. Nothing was written. "
            "Choose another file with LEDGERBRIDGE_DATABASE_URL."
        )
    found = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    revision = found[0][0] if len(found) == 1 else None
    if revision not in REVISIONS and isinstance(revision, str) and revision > REVISIONS[-1]:
        raise StoreProblem(
            f"The database {path} was written by a newer version of Ledgerbridge (its revision is "
            f"{revision}, this version knows {REVISIONS[-1]}). Nothing was written. "
            "Install that version again, or restore a backup made before the upgrade."
        )
    if revision not in REVISIONS:
        raise problem_with(path, sqlite3.SQLITE_CORRUPT, "it does not say of which revision it is")
    if revision != REVISIONS[-1]:
        return False
    lacking = sorted(_wanted() - {name for (name,) in raw.execute(_PARTS)})
    if lacking:
        raise problem_with(path, sqlite3.SQLITE_CORRUPT, f"it lacks {lacking[0]}")
    return True


def _wanted() -> set[str]:
    """The names of all columns and indexes of today's tables."""
    every = tables.metadata.tables.values()
    columns = {f"{table.name}.{column.name}" for table in every for column in table.columns}
    return columns | {str(index.name) for table in every for index in table.indexes}


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date within the open transaction: all of it or nothing."""
    # Alembic takes a quarter of a second to import, and only a new or old database needs it.
    from alembic import command  # noqa: PLC0415 -- see above
    from alembic.config import Config  # noqa: PLC0415 -- see above

    config = Config()
    config.set_main_option("script_location", "ledgerbridge.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    connection.begin()  # else Alembic takes the transaction for its own, and commits it
    command.upgrade(config, "head")
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
