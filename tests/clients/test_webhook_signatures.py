"""What the clients of others make of the signatures under webhooks."""

from __future__ import annotations

import base64
from typing import Literal

import pytest
from hubspot.utils.signature import Signature
from quickbooks.client import QuickBooks as Books

from clients.served import now
from contract.deliveries import Subscriber
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.hubspot.switches import Switches
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.quickbooks import Switches as BooksSwitches

URL = "https://example.com/hook"


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_hubspots_client_finds_its_webhooks_signed_and_changed_ones_not(
    version: Literal["v1", "v2"],
) -> None:
    emulator = HubSpot(now=now, switches=Switches(webhook_signature=version))
    emulator.webhooks.set_target(URL)
    emulator.webhooks.subscribe("contact.creation", None)
    emulator.portal().create("contacts", {"email": "ada@example.com", "city": "Œ"})
    subscriber = Subscriber()
    await emulator.outbox.deliver(subscriber)
    (post,) = subscriber.posts
    signed = {
        "client_secret": emulator.client_secret,
        "http_uri": URL,
        "signature_version": version,
    }

    body, signature = post.body.decode(), post.headers["X-HubSpot-Signature"]
    assert Signature.is_valid(signature, request_body=body, **signed)
    assert not Signature.is_valid(signature, request_body=f"{body} ", **signed)
    third = {**signed, "signature_version": "v3"}
    stamp = post.headers["X-HubSpot-Request-Timestamp"]
    assert post.headers["X-HubSpot-Signature-v3"] == Signature.get_signature(
        request_body=body, timestamp=stamp, **third
    )


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
async def test_the_client_of_quickbooks_finds_its_webhooks_signed_and_changed_ones_not(
    form: str,
) -> None:
    emulator = QuickBooks(now=now, switches=BooksSwitches(webhook_delay_s=0))
    emulator.webhooks.configure(URL, format_=form)
    emulator.company().create("Customer", {"DisplayName": "Œlund"})
    subscriber = Subscriber()
    await emulator.outbox.deliver(subscriber)
    client = Books(minorversion=75, verifier_token=emulator.webhooks.verifier_token)

    (post,) = subscriber.posts
    body, signature = post.body.decode(), post.headers["intuit-signature"]
    assert client.validate_webhook_signature(body, signature)
    assert not client.validate_webhook_signature(f"{body} ", signature)
    other = base64.b64encode(bytes(32)).decode()
    assert not client.validate_webhook_signature(body, other)
