"""What every test gets."""

from __future__ import annotations

pytest_plugins = ["judged", "no_skips"]
