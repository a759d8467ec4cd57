"""
What lies at the path of a database, judged before SQLite may change a byte of it.

SQLite settles by itself what a dead process left: it plays a rollback journal back into the file,
and a write-ahead log, and asks of neither where it came from. So those that cannot be this file's
are refused first; what is not ours is never opened for writing.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from ledgerbridge.errors import StoreProblem
from ledgerbridge.store.problems import problem_with
from ledgerbridge.store.upgrade import APPLICATION_ID, is_current

HEADER_SIZE_BYTES, PAGE_SIZE_BYTES = 100, 4096
MAGIC = b"SQLite format 3\x00"
APPLICATION_ID_AT = slice(68, 72)
UNFIT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
COMMENT = "***"  # how SQLite begins the headings among its findings


def check_files(path: Path) -> None:
    """
    Look at the file and at what lies beside it.

    Raises StoreProblem when it is no database, belongs to another program, or when a journal or
    log beside it cannot be its own. A file that is not there, or cannot be read, passes.
    """
    header, size = _header(path)
    log, journal = beside(path, "-wal"), beside(path, "-journal")
    if not header:
        if _size(log):
            raise StoreProblem(
                f"The database {path} is missing or empty, but the log {log} beside it still "
                "holds writes. Nothing was written to either. Bring the file back beside its log; "
                "or move the log away, to begin with a new database."
            )
        return
    if not header.startswith(MAGIC[: len(header)]):
        raise problem_with(path, sqlite3.SQLITE_NOTADB, "it does not begin like one")
    owner = _application_id(header)
    if owner not in {0, APPLICATION_ID}:
        raise StoreProblem(
            f"The database {path} belongs to another program (its application id is {owner}). "
            "Nothing was written. Choose another file with LEDGERBRIDGE_DATABASE_URL."
        )
    if size > PAGE_SIZE_BYTES and _size(journal):  # ours has one only while it is being made
        raise StoreProblem(
            f"Beside the database {path} lies a rollback journal, {journal}. Ledgerbridge leaves "
            "none, so it is of another file, and opening the database would overwrite it with "
            "that one's pages. Nothing was written. Move the journal away, then try again."
        )


def check_log(path: Path, lock_wait_s_max: float) -> None:
    """
    Where a log was left, or is in use, read the database with it, read-only: it stays as it is.

    Raises StoreProblem when the two do not fit, the database is not ours, or is newer.
    """
    log = beside(path, "-wal")
    if not _size(log):
        return
    header, _ = _header(path)
    address = f"{path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=lock_wait_s_max)) as raw:
        try:
            ((owner,),) = raw.execute("PRAGMA application_id").fetchall()
            ours = _application_id(header) == APPLICATION_ID
            fault = "their owners differ" if ours and owner != APPLICATION_ID else ""
            if not fault:
                is_current(raw, path)
                fault = _fault(raw)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) not in UNFIT:
                raise
            fault = str(error)
    if fault:
        raise StoreProblem(
            f"The database {path} is damaged, or the log {log} beside it is of another database "
            f"or of another time ({fault}). Nothing was written to either. Keep copies of both. "
            "Where the file was just brought back from a backup, move the log away and try again; "
            "else restore the file from a backup."
        )


def check_sound(raw: sqlite3.Connection, path: Path) -> None:
    """Have SQLite look at every page. Raises StoreProblem when one of them is damaged."""
    fault = _fault(raw)
    if fault:
        raise problem_with(path, sqlite3.SQLITE_CORRUPT, fault)


def _fault(raw: sqlite3.Connection) -> str:
    """The first finding, or nothing."""
    ((found,),) = raw.execute("PRAGMA quick_check(1)").fetchall()
    lines = [line for line in str(found).splitlines() if not line.startswith(COMMENT)]
    return "" if lines == ["ok"] else " ".join(lines)


def _header(path: Path) -> tuple[bytes, int]:
    """The first bytes, and the size of the whole."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return b"", 0
        with path.open("rb") as file:
            return file.read(HEADER_SIZE_BYTES), found.st_size
    except OSError:  # whoever opens it says why
        return b"", 0


def _application_id(header: bytes) -> int:
    return int.from_bytes(header[APPLICATION_ID_AT], "big")


def beside(path: Path, ending: str) -> Path:
    """The file of that ending beside a database, where SQLite has it: behind symbolic links."""
    real = Path(os.path.realpath(path))  # Path.resolve raises for links in a circle
    return real.with_name(real.name + ending)


def _size(path: Path) -> int:
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
