"""
What the environment and `ledgerbridge.toml` say; the environment wins.

Every remote host can be overridden, so that the same program talks to the emulators.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ledgerbridge.core.guard import Caps
from ledgerbridge.errors import UsageError

PREFIX = "LEDGERBRIDGE_"
FILE_NAME = "ledgerbridge.toml"
DATABASE_NAME = "ledgerbridge.db"

DEFAULTS: dict[str, str] = {
    "HUBSPOT_API_URL": "https://api.hubapi.com",
    "HUBSPOT_API_VERSION": "2026-09",
    "QUICKBOOKS_API_URL": "https://quickbooks.api.intuit.com",
    "QUICKBOOKS_MINOR_VERSION": "75",
    "INTUIT_TOKEN_URL": "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
    "INTUIT_CLIENT_ID": "",
    "INTUIT_CLIENT_SECRET": "",
    "DATABASE_URL": "",
    "SECRET_KEY": "",
    "CHANGES_MAX": "1000",
    "HISTORY_DAYS": "3650",
    "HISTORY_MB": "1000",
}


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of one process; secrets never leave it."""

    database_url: str
    hubspot_api_url: str
    hubspot_api_version: str
    quickbooks_api_url: str
    quickbooks_minor_version: int
    intuit_token_url: str
    intuit_client_id: str
    intuit_client_secret: str
    secret_key: str
    caps: Caps
    history_days: int
    history_mb: int

    def __repr__(self) -> str:
        return f"Settings(database_url={self.database_url!r})"


def load(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """
    The settings from the environment, else from `ledgerbridge.toml` in the folder, else defaults.

    Raises UsageError naming the variable that is not as it must be.
    """
    environment = os.environ if environment is None else environment
    values = {**DEFAULTS, **_from_file(folder or Path.cwd())}
    values |= {
        name: environment[PREFIX + name] for name in DEFAULTS if environment.get(PREFIX + name)
    }
    return Settings(
        database_url=values["DATABASE_URL"] or _default_database(environment),
        hubspot_api_url=_url(values, "HUBSPOT_API_URL"),
        hubspot_api_version=values["HUBSPOT_API_VERSION"],
        quickbooks_api_url=_url(values, "QUICKBOOKS_API_URL"),
        quickbooks_minor_version=_count(values, "QUICKBOOKS_MINOR_VERSION"),
        intuit_token_url=_url(values, "INTUIT_TOKEN_URL"),
        intuit_client_id=values["INTUIT_CLIENT_ID"],
        intuit_client_secret=values["INTUIT_CLIENT_SECRET"],
        secret_key=values["SECRET_KEY"],
        caps=Caps(changes_max=_count(values, "CHANGES_MAX")),
        history_days=_count(values, "HISTORY_DAYS"),
        history_mb=_count(values, "HISTORY_MB"),
    )


def _from_file(folder: Path) -> dict[str, str]:
    path = folder / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE_NAME} cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{FILE_NAME} is not TOML: {error}.") from error
    known = {name.lower() for name in DEFAULTS}
    unknown = sorted(set(table) - known)
    if unknown:
        raise UsageError(
            f"{FILE_NAME}: {', '.join(unknown)} is not a setting. "
            f"The settings are {', '.join(sorted(known))}."
        )
    return {name.upper(): str(value) for name, value in table.items()}


def _default_database(environment: Mapping[str, str]) -> str:
    home = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return f"sqlite:///{Path(home) / 'ledgerbridge' / DATABASE_NAME}"


def _url(values: Mapping[str, str], name: str) -> str:
    url = values[name].rstrip("/")
    plain = url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    if not plain and not url.startswith("https://"):
        raise UsageError(
            f"{PREFIX}{name} must be an https address (plain http only on this machine); "
            "tokens would travel in the clear."
        )
    return url


def _count(values: Mapping[str, str], name: str) -> int:
    if not values[name].isdigit() or int(values[name]) < 1:
        raise UsageError(f"{PREFIX}{name} must be a whole number of at least 1.")
    return int(values[name])
