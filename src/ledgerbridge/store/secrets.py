"""
Tokens at rest: AES-256-GCM, bound to their connection. Identities of forgotten people: digests.

The key is LEDGERBRIDGE_SECRET_KEY (32 bytes in base64), else a file beside the database that is
made on first use and readable by its owner only.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledgerbridge.clock import Clock
from ledgerbridge.errors import StoreProblem, UsageError

KEY_VARIABLE = "LEDGERBRIDGE_SECRET_KEY"
KEY_SIZE_BYTES = 32
NONCE_SIZE_BYTES = 12
DIGEST_LABEL = b"ledgerbridge: identities of forgotten people"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Secrets:
    """Encrypts and decrypts with one key."""

    def __init__(self, key: bytes, origin: str, clock: Clock) -> None:
        self._cipher, self._origin, self._clock = AESGCM(key), origin, clock
        self._digest_key = hmac.digest(key, DIGEST_LABEL, "sha256")

    @classmethod
    def load(cls, environment: Mapping[str, str], database: Path, clock: Clock) -> Self:
        """
        With the key of the environment, else of the file beside the database.

        Raises UsageError when the variable holds no key, StoreProblem when the file cannot be
        used or others may read it.
        """
        text = environment.get(KEY_VARIABLE, "")
        if text:
            key = _decoded(text)
            if key is None:
                raise UsageError(
                    f"{KEY_VARIABLE} is not {KEY_SIZE_BYTES} bytes in base64. Nothing was read "
                    f"or written. Make one with: head -c {KEY_SIZE_BYTES} /dev/urandom | base64"
                )
            return cls(key, KEY_VARIABLE, clock)
        path = database.with_name(database.name + ".key")
        return cls(_key_of_file(path, clock), f"the key file {path}", clock)

    def digest(self, text: str) -> str:
        """What a text is known again by, of no use to anybody without the key (HMAC-SHA256)."""
        return hmac.digest(self._digest_key, text.encode(), "sha256").hex()

    def seal(self, connection_id: str, clear: bytes) -> bytes:
        """Encrypt for one connection: a fresh nonce, then the ciphertext with its tag."""
        nonce = self._clock.nonce(NONCE_SIZE_BYTES)
        return nonce + self._cipher.encrypt(nonce, clear, connection_id.encode())

    def open_sealed(self, connection_id: str, sealed: bytes) -> bytes:
        """Decrypt; raises StoreProblem with another key, another connection, or a changed text."""
        nonce, text = sealed[:NONCE_SIZE_BYTES], sealed[NONCE_SIZE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, text, connection_id.encode())
        except (InvalidTag, ValueError) as error:
            raise StoreProblem(
                f"The stored token of {connection_id} cannot be decrypted with {self._origin}: it "
                "was encrypted with another key, or the database was changed. Nothing was sent. "
                "Bring back the key that was used, or connect the account again."
            ) from error


def _decoded(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_SIZE_BYTES else None


def _key_of_file(path: Path, clock: Clock) -> bytes:
    try:
        if not path.exists():
            _make_key_file(path, clock)
        mode = path.stat().st_mode
        text = path.read_text("ascii", errors="replace")
    except OSError as error:
        raise StoreProblem(
            f"The key file {path} cannot be used ({error.strerror}). No token was read or "
            f"written. Make it readable for this user, or set {KEY_VARIABLE}."
        ) from error
    if mode & OTHERS:
        raise StoreProblem(
            f"The key file {path} can be read by other users. No token was read or written. "
            "Make it private with: chmod 600, and consider its tokens as known to others."
        )
    key = _decoded(text)
    if key is None:
        raise StoreProblem(
            f"The key file {path} does not hold a key. No token was read or written. Restore it "
            "from a backup; or remove it, and connect the accounts again."
        )
    return key


def _make_key_file(path: Path, clock: Clock) -> None:
    """Write a key aside, then give it its name at once: no process ever sees half a key."""
    aside = path.with_name(f"{path.name}.{clock.new_id()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, base64.b64encode(clock.nonce(KEY_SIZE_BYTES)))
        os.fsync(descriptor)
        try:
            os.link(aside, path)
        except FileExistsError:  # another process was first: its key is the one
            return
    finally:
        os.close(descriptor)
        aside.unlink()
