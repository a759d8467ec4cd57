"""
Build the connectors of stored connections; the only place that knows how tokens are kept.

Tokens live encrypted in the store. A renewed pair is stored before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import Struct, field

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.calls import CallCounter
from ledgerbridge.connectors.hubspot import HubSpot
from ledgerbridge.connectors.hubspot.settings import Settings as HubSpotSettings
from ledgerbridge.connectors.hubspot.settings import limits_of as hubspot_limits
from ledgerbridge.connectors.pacing import Limit, Pacer
from ledgerbridge.connectors.quickbooks import QuickBooks
from ledgerbridge.connectors.quickbooks.settings import Settings as QuickBooksSettings
from ledgerbridge.connectors.quickbooks.settings import limits_of as quickbooks_limits
from ledgerbridge.connectors.tokens import Client, RefreshingToken, StaticToken, Tokens
from ledgerbridge.connectors.transport import Transport
from ledgerbridge.errors import UsageError
from ledgerbridge.service.settings import Settings
from ledgerbridge.service.world import ActiveSync
from ledgerbridge.store import connections
from ledgerbridge.store.database import Store
from ledgerbridge.store.secrets import Secrets

CONNECT_HUBSPOT = "Connect again with: ledgerbridge connect hubspot --token-env VARIABLE"
CONNECT_QUICKBOOKS = (
    "Connect again with: ledgerbridge connect quickbooks --realm-id ID --refresh-token-env VARIABLE"
)


class StaticSecret(Struct, frozen=True, tag="static"):
    """A token that does not change."""

    token: str

    def __repr__(self) -> str:
        return "StaticSecret()"


class RefreshSecret(Struct, frozen=True, tag="refresh"):
    """A pair of tokens, of which the refresh token is replaced now and then."""

    access: str
    refresh: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"RefreshSecret(expires_at={self.expires_at.isoformat()})"


Secret: TypeAlias = StaticSecret | RefreshSecret
_decoder: msgspec.json.Decoder[StaticSecret | RefreshSecret] = msgspec.json.Decoder(Secret)


class Workshop(Struct, frozen=True, kw_only=True):
    """
    What connectors are made of.

    Limits are those of an account, so its pacer stays when its connector is made anew for a run.
    `compiled` are the syncs as they were compiled last, by id, with what they were compiled from.
    """

    store: Store
    secrets: Secrets
    clock: Clock
    transport: Transport
    settings: Settings
    pacers: dict[str, Pacer] = field(default_factory=dict)
    compiled: dict[str, tuple[object, ActiveSync]] = field(default_factory=dict)

    def pacer(
        self, account: str, limits: Mapping[str, tuple[Limit, ...]], at_once_max: int
    ) -> Pacer:
        """The pacer of an account, made when it is first asked for."""
        if account not in self.pacers:
            self.pacers[account] = Pacer(self.clock, limits, at_once_max)
        return self.pacers[account]


def seal(secret: Secret) -> bytes:
    """A secret as the store encrypts it."""
    return msgspec.json.encode(secret)


def hubspot_with(shop: Workshop, token: str, portal_id: str | None) -> HubSpot:
    """A connector for a HubSpot token; pinned to a portal once that is known."""
    settings = HubSpotSettings(version=shop.settings.hubspot_api_version)
    account, limits = f"hubspot {portal_id}", hubspot_limits(settings)
    return HubSpot(
        transport=shop.transport,
        clock=shop.clock,
        tokens=StaticToken(token, service="HubSpot", remedy=CONNECT_HUBSPOT),
        url=shop.settings.hubspot_api_url,
        portal_id=portal_id,
        settings=settings,
        counter=CallCounter(),
        pacer=shop.pacer(account, limits, settings.at_once_max) if portal_id else None,
    )


def quickbooks_with(
    shop: Workshop, tokens: RefreshSecret, realm_id: str, connection_id: str
) -> QuickBooks:
    """A connector for one company; renewed tokens are stored under the connection's id."""
    settings = shop.settings
    if not settings.intuit_client_id or not settings.intuit_client_secret:
        raise UsageError(
            "LEDGERBRIDGE_INTUIT_CLIENT_ID and LEDGERBRIDGE_INTUIT_CLIENT_SECRET are not set. "
            "QuickBooks renews its tokens every hour, and only with them."
        )

    async def save(renewed: Tokens) -> None:
        secret = RefreshSecret(renewed.access, renewed.refresh, renewed.expires_at)
        await shop.store.write(connections.put_token, shop.secrets, connection_id, seal(secret))

    source = RefreshingToken(
        Tokens(access=tokens.access, refresh=tokens.refresh, expires_at=tokens.expires_at),
        client=Client(
            id=settings.intuit_client_id,
            secret=settings.intuit_client_secret,
            token_url=settings.intuit_token_url,
        ),
        transport=shop.transport,
        clock=shop.clock,
        save=save,
        service="QuickBooks",
        remedy=CONNECT_QUICKBOOKS,
    )
    own = QuickBooksSettings(minor_version=settings.quickbooks_minor_version)
    limits = quickbooks_limits(own)
    return QuickBooks(
        transport=shop.transport,
        clock=shop.clock,
        tokens=source,
        base_url=settings.quickbooks_api_url,
        realm_id=realm_id,
        settings=own,
        counter=CallCounter(),
        pacer=shop.pacer(f"quickbooks {realm_id}", limits, own.at_once_max),
    )


async def stored_secret(shop: Workshop, connection_id: str) -> Secret:
    """The secret of a connection. Raises StoreProblem with a wrong key, UsageError without one."""
    clear = await shop.store.read(connections.get_token, shop.secrets, connection_id)
    if clear is None:
        raise UsageError(f"The connection {connection_id} has no token. Connect it again.")
    return _decoder.decode(clear)


async def hubspot_of(shop: Workshop, connection: connections.Connection) -> HubSpot:
    """The connector of a stored HubSpot connection."""
    secret = await stored_secret(shop, connection.id)
    assert isinstance(secret, StaticSecret), "HubSpot connections have a static token"
    return hubspot_with(shop, secret.token, connection.account_id)


async def quickbooks_of(shop: Workshop, connection: connections.Connection) -> QuickBooks:
    """The connector of a stored QuickBooks connection."""
    secret = await stored_secret(shop, connection.id)
    assert isinstance(secret, RefreshSecret), "QuickBooks connections have a pair of tokens"
    return quickbooks_with(shop, secret, connection.account_id, connection.id)
