"""What the control API needs of an emulator that differs between the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from ledgerbridge.sandbox.control import company_acts, portal_acts
from ledgerbridge.sandbox.control.people import ActKind, People
from ledgerbridge.sandbox.control.shapes import (
    HubSpotWebhooksAsked,
    QuickBooksWebhooksAsked,
    TestAsked,
    instant,
)
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.quickbooks.webhooks import InvalidWebhookError


class Vendor(Protocol):
    """One emulator, as the control API sees it. Wrong input raises ValueError."""

    name: str
    acts: Mapping[str, ActKind]

    def people(self, seed: int) -> People:
        """The people who can act in it."""

    def webhooks(self) -> dict[str, Any]:
        """How webhooks are set up, with the secret that signs them."""

    def configure(self, content: bytes) -> None:
        """Sets up webhooks from a body; raises msgspec's errors where it is no such body."""

    def clear(self) -> None:
        """Ends webhooks."""

    def test(self, asked: TestAsked) -> None:
        """Sends a test event."""

    def log(self) -> list[dict[str, Any]]:
        """The latest requests, oldest first."""


class HubSpotVendor:
    """The control of a HubSpot emulator."""

    name, acts = "hubspot", portal_acts.ACTS

    def __init__(self, emulator: HubSpot) -> None:
        self._emulator = emulator

    def people(self, seed: int) -> People:
        """The people of its portals."""
        return People(
            now=self._emulator.outbox.now,
            acts=self.acts,
            account=portal_acts.PortalFinder(self._emulator),
            refused=portal_acts.refusal,
            seed=seed,
        )

    def webhooks(self) -> dict[str, Any]:
        """Settings, subscriptions, and the secrets of the app."""
        webhooks = self._emulator.webhooks
        subscriptions = [
            {
                "id": one.id,
                "event_type": one.event_type,
                "property_name": one.property_name,
                "object_type_id": one.object_type_id,
                "active": one.active,
            }
            for one in webhooks.subscriptions.values()
        ]
        return {
            "url": webhooks.target_url,
            "max_concurrent_requests": webhooks.outbox.rules.concurrency_max,
            "app_id": webhooks.app_id,
            "client_secret": webhooks.client_secret,
            "developer_key": self._emulator.developer.developer_key,
            "subscriptions": subscriptions,
        }

    def configure(self, content: bytes) -> None:
        """Takes the form of the project file."""
        asked = msgspec.json.decode(content, type=HubSpotWebhooksAsked)
        self._emulator.webhooks.upload_project(asked.settings, asked.subscriptions)

    def clear(self) -> None:
        """No target and no subscriptions."""
        self._emulator.webhooks.clear_target()
        self._emulator.webhooks.subscriptions.clear()

    def test(self, asked: TestAsked) -> None:
        """The test button of a subscription."""
        webhooks = self._emulator.webhooks
        if asked.subscription_id not in webhooks.subscriptions:
            raise ValueError("subscription_id must name a subscription")
        account, _ = portal_acts.PortalFinder(self._emulator)(asked.account)
        webhooks.test(asked.subscription_id, int(account))

    def log(self) -> list[dict[str, Any]]:
        """The latest requests, oldest first."""
        return [
            {
                "at": instant(one.at),
                "method": one.method,
                "path": one.path,
                "status": one.status,
                "account": None if one.portal_id is None else str(one.portal_id),
            }
            for one in list(self._emulator.log)
        ]


class QuickBooksVendor:
    """The control of a QuickBooks emulator."""

    name, acts = "quickbooks", company_acts.ACTS

    def __init__(self, emulator: QuickBooks) -> None:
        self._emulator = emulator

    def people(self, seed: int) -> People:
        """The people of its companies."""
        return People(
            now=self._emulator.outbox.now,
            acts=self.acts,
            account=company_acts.CompanyFinder(self._emulator),
            refused=company_acts.refusal,
            seed=seed,
        )

    def webhooks(self) -> dict[str, Any]:
        """The ticked boxes, and the verifier token."""
        webhooks = self._emulator.webhooks
        return {
            "url": webhooks.url,
            "format": webhooks.format,
            "verifier_token": webhooks.verifier_token,
            "entities": {entity: list(chosen) for entity, chosen in webhooks.chosen.items()},
        }

    def configure(self, content: bytes) -> None:
        """Ticks boxes."""
        asked = msgspec.json.decode(content, type=QuickBooksWebhooksAsked)
        self._emulator.webhooks.configure(asked.url, asked.entities, asked.format)

    def clear(self) -> None:
        """No webhooks."""
        self._emulator.webhooks.clear()

    def test(self, asked: TestAsked) -> None:
        """An event about customer 1."""
        if asked.subscription_id is not None:
            raise InvalidWebhookError("subscription_id is HubSpot's")
        account, _ = company_acts.CompanyFinder(self._emulator)(asked.account)
        self._emulator.webhooks.test(account)

    def log(self) -> list[dict[str, Any]]:
        """The latest requests, oldest first."""
        return [
            {
                "at": instant(one.at),
                "method": one.method,
                "path": one.path,
                "status": one.status,
                "account": one.realm_id or None,
            }
            for one in list(self._emulator.log)
        ]


def vendor_of(emulator: HubSpot | QuickBooks) -> Vendor:
    """The control of an emulator."""
    if isinstance(emulator, HubSpot):
        return HubSpotVendor(emulator)
    return QuickBooksVendor(emulator)
