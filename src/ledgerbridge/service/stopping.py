"""Which failures of a call stop a run: those that every other call would meet as well."""

from __future__ import annotations

from ledgerbridge.errors import CallFailed

STOPS_THE_RUN = frozenset(
    {
        "daily_limit",
        "invalid_client",
        "invalid_grant",
        "no_network",
        "token_answer_lost",
        "token_endpoint_failed",
    }
)


def stops_the_run(failure: CallFailed) -> bool:
    """Whether going on with the other records and syncs would be of no use."""
    return failure.code in STOPS_THE_RUN or failure.status == 401
