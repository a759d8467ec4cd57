"""The three signatures of HubSpot's requests, by which an app knows that they are HubSpot's."""

from __future__ import annotations

import base64
import hmac
import re
from hashlib import sha256

# Version 3 signs the address with these decoded.
DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED = re.compile("|".join(DECODED), re.IGNORECASE)


def version_1(secret: str, body: bytes) -> str:
    """Hex SHA-256 of the app's secret and the body."""
    return sha256(secret.encode() + body).hexdigest()


def version_2(secret: str, method: str, url: str, body: bytes) -> str:
    """Hex SHA-256 of the app's secret, the method, the whole address and the body."""
    return sha256(f"{secret}{method}{url}".encode() + body).hexdigest()


def version_3(secret: str, method: str, url: str, body: bytes, timestamp_ms: int) -> str:
    """Base64 HMAC-SHA-256 over method, address, body and the milliseconds of the request."""
    plain = _ENCODED.sub(lambda found: DECODED[found[0].upper()], url)
    signed = f"{method}{plain}".encode() + body + str(timestamp_ms).encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, sha256).digest()).decode()
