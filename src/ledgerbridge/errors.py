"""
The tree of failures.

    LedgerbridgeError
    ├── UsageError              wrong command, option or environment (exit 64)
    │   └── ConfigError         a place in the configuration, what is wrong there, the remedy
    ├── NotAccepted             a plan that nobody accepted yet (exit 4)
    ├── Interlock               a cap or a guard stopped the run (exit 5)
    │   ├── WrongTenant         another portal or company than the pinned one answered
    │   └── AlreadyRunning      another process is at work on the same connections
    ├── StoreProblem            the database: locked, full, damaged, foreign, newer
    │   └── Fenced              somebody claimed the connections after us; nothing was written
    └── CallFailed              a call to a vendor failed; its verdict says what is known
        ├── Retry               surely not applied; may be sent again later
        ├── Refuse              surely not applied, and never will be as it stands
        │   └── Unauthorized    the token is wrong, revoked, or lacks a permission
        └── LookAgain           unknown whether it was applied (the default for writes)
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What is known about a failed call (engine.md, vocabulary)."""

    RETRY = "retry"
    REFUSE = "refuse"
    LOOK_AGAIN = "look again"


class LedgerbridgeError(Exception):
    """Says what happened, what was not done, and what to do next; printed without a traceback."""

    exit_code = 1


class UsageError(LedgerbridgeError):
    """A command, an option or an environment variable is not as it must be."""

    exit_code = 64


class ConfigError(UsageError):
    """
    One place in a configuration is wrong.

    `place` is a path such as `syncs.contacts.mappings[3].direction`.
    """

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        self.place, self.problem, self.remedy = place, problem, remedy
        super().__init__(f"{place}: {problem}" + (f" {remedy}" if remedy else ""))


class NotAccepted(LedgerbridgeError):
    """The plan was not accepted by a person, so nothing was written."""

    exit_code = 4


class Interlock(LedgerbridgeError):
    """A guard stopped the run before it could do harm."""

    exit_code = 5


class WrongTenant(Interlock):
    """The portal or company that answered is not the pinned one."""


class AlreadyRunning(Interlock):
    """Another process holds the connections."""


class StoreProblem(LedgerbridgeError):
    """The database cannot be used as it is."""


class Fenced(StoreProblem):
    """The epoch moved on: another worker claimed the connections, and ours may not write."""


class CallFailed(LedgerbridgeError):
    """
    A call to a vendor failed.

    `code` is a stable word of ours (`rate_limited`, `invalid_value`, …), `detail` the vendor's own
    text for the logs of a person who asks, `remedy` what to do next, `wait_s` a time the vendor
    asked us to wait.
    """

    verdict = Verdict.LOOK_AGAIN

    def __init__(
        self,
        code: str,
        message: str,
        *,
        remedy: str = "",
        status: int | None = None,
        wait_s: float | None = None,
    ) -> None:
        self.code, self.message, self.remedy = code, message, remedy
        self.status, self.wait_s = status, wait_s
        super().__init__(message + (f" {remedy}" if remedy else ""))


class Retry(CallFailed):
    """Surely not applied; the same request may be sent again later."""

    verdict = Verdict.RETRY


class Refuse(CallFailed):
    """Surely not applied, and it never will be as it stands."""

    verdict = Verdict.REFUSE


class Unauthorized(Refuse):
    """The token is wrong, expired for good, revoked, or lacks a permission."""


class LookAgain(CallFailed):
    """Unknown whether it was applied: look before planning again."""

    verdict = Verdict.LOOK_AGAIN
