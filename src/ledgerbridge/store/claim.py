"""One foreground process at a time: an operating system's lock beside the database."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ledgerbridge.errors import AlreadyRunning, StoreProblem


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock, and since when; for the message to the other process."""

    pid: int
    since: datetime


class Claim:
    """The held lock. It ends with `release`, or with the process however that ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, now: datetime) -> Self:
        """
        Take the lock of that file at once.

        Raises AlreadyRunning, with its holder's name; StoreProblem when there can be no file.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreProblem(
                f"The lock file {path} cannot be opened ({error.strerror}). Nothing was done. "
                "Make it and its folder writable for this user, then try again."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = _holder(os.read(descriptor, 1000))
            os.close(descriptor)
            raise AlreadyRunning(
                f"Another ledgerbridge process {who} is at work on this database. "
                "Nothing was done. Wait until it is done, or stop it, then try again."
            ) from error
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, msgspec.json.encode(Holder(os.getpid(), now)))
        except OSError as error:
            os.close(descriptor)
            raise StoreProblem(
                f"The lock file {path} cannot be written ({error.strerror}). Nothing was done. "
                "See that its disk has free space, then try again."
            ) from error
        return cls(descriptor)

    def release(self) -> None:
        """Let others in. The file stays: removing it would let two hold two files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _holder(text: bytes) -> str:
    try:
        holder = msgspec.json.decode(text, type=Holder)
    except msgspec.DecodeError:  # it has the lock and has not written its name yet
        return "(just started)"
    return f"(pid {holder.pid}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC)"
