"""Pages on which a person looks at an emulator's records and requests, served by the emulator."""

from ledgerbridge.sandbox.console.console import with_console

__all__ = ["with_console"]
