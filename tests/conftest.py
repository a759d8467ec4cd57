"""What every test gets."""

from __future__ import annotations

pytest_plugins = ["no_skips"]
