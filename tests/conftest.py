"""What every test gets."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["judged", "no_skips"]

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")  # a busy machine is no reason to fail
