"""The command line: `ledgerbridge …`."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code (product.md, interface contract)."""
    from ledgerbridge.cli.root import root

    root.main(args=None if arguments is None else list(arguments), prog_name="ledgerbridge")
