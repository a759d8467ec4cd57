"""
Control of an emulator beyond its vendor's API: faults, people, webhooks, clock, state.

From Python it is `Control`; over HTTP `with_control` puts it in front of the emulator.
"""

from ledgerbridge.sandbox.control.api import with_control
from ledgerbridge.sandbox.control.controls import Control
from ledgerbridge.sandbox.control.people import Act, CannotError, Deed
from ledgerbridge.sandbox.control.state import load, save

__all__ = ["Act", "CannotError", "Control", "Deed", "load", "save", "with_control"]
