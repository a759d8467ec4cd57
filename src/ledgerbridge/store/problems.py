"""What can be wrong with the database, in words: SQLite's error codes as StoreProblems."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import DecodeError
from sqlalchemy.exc import DBAPIError

from ledgerbridge.errors import StoreProblem

# SQLite's primary result code -> what is the matter, what to do next.
PROBLEMS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "is locked by another process",
        "Wait until the other process is done or stop it, then try again.",
    ),
    sqlite3.SQLITE_LOCKED: (
        "is locked by another process",
        "Wait until the other process is done or stop it, then try again.",
    ),
    sqlite3.SQLITE_FULL: (
        "cannot grow: the disk is full",
        "Free some space on that disk, then try again.",
    ),
    sqlite3.SQLITE_READONLY: (
        "is read-only",
        "Make the file and its folder writable for this user, then try again.",
    ),
    sqlite3.SQLITE_PERM: (
        "may not be used by this user",
        "Make the file and its folder writable for this user, then try again.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "Make its folder writable for this user, or choose another LEDGERBRIDGE_DATABASE_URL.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a database",
        "Restore the file from a backup, or choose another one with LEDGERBRIDGE_DATABASE_URL.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "Keep a copy of it, then restore the file from a backup.",
    ),
    sqlite3.SQLITE_IOERR: (
        "could not be read or written: the disk reports an error",
        "See that the disk has free space and is in order, then try again.",
    ),
    # Our own code broke one of the rules of the tables; the caller could not have prevented it.
    sqlite3.SQLITE_CONSTRAINT: (
        "refused a step that breaks one of its rules",
        "This is a defect of Ledgerbridge: please report it with this message.",
    ),
}
PRIMARY_CODE = 0xFF
NOT_A_TEXT = "Could not decode to UTF-8"  # what the driver says, with the text itself, of bad bytes


def problem_with(path: Path, code: int, detail: str) -> StoreProblem:
    """The clear text for one of `PROBLEMS`."""
    what, remedy = PROBLEMS[code]
    return StoreProblem(
        f"The database {path} {what} ({detail}). Nothing was written to it. {remedy}"
    )


def problem_of(error: sqlite3.Error | DBAPIError, path: Path) -> StoreProblem | None:
    """The clear text for one error, or None when it is a bug of ours and not of the database."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if str(cause).startswith(NOT_A_TEXT):
        return problem_with(path, sqlite3.SQLITE_CORRUPT, "it holds a text that is none")
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None or code & PRIMARY_CODE not in PROBLEMS:
        return None
    return problem_with(path, code & PRIMARY_CODE, str(cause))


@contextmanager
def clear_problems(path: Path) -> Iterator[None]:
    """
    Turn SQLite's errors within the block into StoreProblems, and those of stored values that
    cannot be read back; others pass.
    """
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        problem = problem_of(error, path)
        if problem is None:
            raise
        raise problem from error
    except DecodeError as error:
        detail = f"it holds a value that cannot be read: {error}"
        raise problem_with(path, sqlite3.SQLITE_CORRUPT, detail) from error
