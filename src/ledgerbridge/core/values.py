"""
Values and when two of them are the same (engine.md, values).

A raw value is text as its side showed it. A canonical value is made of it for comparison only and
is never written: text composed (NFC), trimmed and with single spaces; e-mail in lower case; phone
as E.164; numbers as decimals; instants in UTC; countries and states by their ISO codes. A raw
value that is not what its type says compares as text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as DecimalContext
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

import phonenumbers
from msgspec import Struct

from ledgerbridge.core.model import Value
from ledgerbridge.core.places import country_code, state_code
from ledgerbridge.core.schema import FieldType

NUMBER_LENGTH_MAX = 64
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})", re.ASCII
)
EPOCH_MS = re.compile(r"-?\d{9,15}", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EMAIL_SEPARATORS = re.compile(r"[,;\s]+")
PHONE = re.compile(
    r"(?P<number>\+?[\d\s()./\-]+)((ext\.?|x|#)\s*(?P<extension>\d+))?", re.IGNORECASE
)
YEARS = range(2, 9999)  # so that no time zone leads out of the calendar
TRUE = frozenset({"true", "1", "yes"})
FALSE = frozenset({"false", "0", "no"})
WIDE = DecimalContext(prec=NUMBER_LENGTH_MAX + 100)

MINOR_DIGITS_DEFAULT = 2
MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

Canonical: TypeAlias = str | Decimal | date | bool | tuple[str, ...] | None


class Context(Struct, frozen=True):
    """
    What values are read against: the company's time zone, its country and its home currency.

    `country` (two letters) completes phone numbers without a prefix and states without a country.
    """

    time_zone: str
    country: str
    currency: str


def text(value: Value) -> str:
    """The canonical text: composed, trimmed, single spaces; "" when empty."""
    if not value:
        return ""
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    return " ".join(value.split())


def text_key(value: str) -> str:
    """The canonical text without case, for look-ups of names that must be unique."""
    return text(text(value).casefold())


def emails(value: Value) -> tuple[str, ...]:
    """The addresses in one e-mail field in comparison form; the first is the person's."""
    return tuple(address.lower() for address in EMAIL_SEPARATORS.split(text(value)) if address)


def parse_number(value: str) -> Decimal | None:
    """The decimal number that a plain or scientific notation stands for; None if it is none."""
    value = value.strip()
    if len(value) > NUMBER_LENGTH_MAX or not NUMBER.fullmatch(value):
        return None
    return Decimal(value)


def parse_date(value: str) -> date | None:
    """A date from `YYYY-MM-DD` or from an instant that is midnight UTC; None if it is neither."""
    value = value.strip()
    if DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return None
        return day if day.year in YEARS else None
    instant = parse_instant(value)
    if instant is None or instant.timetz() != EPOCH.timetz():
        return None
    return instant.date()


def parse_instant(value: str) -> datetime | None:
    """An instant in UTC from ISO 8601 with a zone or epoch milliseconds; None if it is neither."""
    value = value.strip()
    try:
        if INSTANT.fullmatch(value):
            instant = datetime.fromisoformat(value).astimezone(UTC)
        elif EPOCH_MS.fullmatch(value):
            instant = EPOCH + timedelta(milliseconds=int(value))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return instant if instant.year in YEARS else None


def parse_bool(value: str) -> bool | None:
    """True or false from the forms that vendors use; None if it is none of them."""
    word = value.strip().lower()
    if word in TRUE:
        return True
    return False if word in FALSE else None


def instant_text(instant: datetime) -> str:
    """An instant as ISO 8601 text in UTC, with milliseconds where there are some."""
    precision = "milliseconds" if instant.microsecond else "seconds"
    return instant.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def noon(day: date, time_zone: str) -> datetime:
    """Noon of a day in a time zone, in UTC, so that no viewer sees the day before."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def day_of(instant: datetime, time_zone: str) -> date:
    """The day that an instant falls on in a time zone."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency by ISO 4217, as a decimal such as 0.01."""
    return Decimal(1).scaleb(-MINOR_DIGITS.get(currency.upper(), MINOR_DIGITS_DEFAULT))


def same_text(value: str, context: Context) -> Canonical:
    """Text compares by its characters."""
    return text(value) or None


def same_email(value: str, context: Context) -> Canonical:
    """Of several addresses, the first is the person's and the one that is compared."""
    return next(iter(emails(value)), text(value)) or None


@lru_cache(maxsize=16384)
def _phone(value: str, country: str) -> str:
    parts = PHONE.fullmatch(value)
    if parts:
        compact = re.sub(r"[^\d+]", "", parts["number"])
        try:
            number = phonenumbers.parse(compact, country)
        except phonenumbers.NumberParseException:
            pass
        else:
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return f"{e164}x{parts['extension']}" if parts["extension"] else e164
    return "".join(x for x in value.casefold() if x.isalnum()) or value


def same_phone(value: str, context: Context) -> Canonical:
    """E.164 with its extension; what is no phone number compares by its letters and digits."""
    value = text(value)
    return _phone(value, context.country) if value else None


def same_url(value: str, context: Context) -> Canonical:
    """Without scheme and trailing slash, the host in lower case."""
    rest = re.sub(r"^https?://", "", text(value), flags=re.IGNORECASE)
    host = re.match(r"[^/?#]*", rest)
    assert host is not None
    return (host.group().lower() + rest[host.end() :]).rstrip("/") or text(value) or None


def same_number(value: str, context: Context) -> Canonical:
    """By value: `639`, `639.0` and `6.39E2` are one number."""
    number = parse_number(value)
    return same_text(value, context) if number is None else number


def same_money(value: str, context: Context) -> Canonical:
    """By value, at the precision of the home currency."""
    number = parse_number(value)
    if number is None:
        return same_text(value, context)
    return number.quantize(minor_unit(context.currency), ROUND_HALF_UP, WIDE)


def same_date(value: str, context: Context) -> Canonical:
    """By day."""
    day = parse_date(value)
    return same_text(value, context) if day is None else day


def same_instant(value: str, context: Context) -> Canonical:
    """By instant, whatever zone or notation it is shown in."""
    instant = parse_instant(value)
    return same_text(value, context) if instant is None else instant


def same_bool(value: str, context: Context) -> Canonical:
    """By truth."""
    truth = parse_bool(value)
    return same_text(value, context) if truth is None else truth


def same_currency(value: str, context: Context) -> Canonical:
    """By code, in upper case."""
    return text(value).upper() or None


def same_country(value: str, context: Context) -> Canonical:
    """By ISO code where it is known, else by its text without case."""
    return country_code(value) or text_key(value) or None


def same_state(value: str, context: Context) -> Canonical:
    """By ISO code within the company's country where it is known, else by text without case."""
    return state_code(context.country, value) or text_key(value) or None


CANONICAL: dict[FieldType, Callable[[str, Context], Canonical]] = {
    FieldType.TEXT: same_text,
    FieldType.NAME: same_text,
    FieldType.EMAIL: same_email,
    FieldType.PHONE: same_phone,
    FieldType.URL: same_url,
    FieldType.NUMBER: same_number,
    FieldType.MONEY: same_money,
    FieldType.DATE: same_date,
    FieldType.DATETIME: same_instant,
    FieldType.BOOL: same_bool,
    FieldType.ENUM: same_text,
    FieldType.CURRENCY: same_currency,
    FieldType.COUNTRY: same_country,
    FieldType.STATE: same_state,
    FieldType.REFERENCE: same_text,
}


def canonical(kind: FieldType, value: Value, context: Context) -> Canonical:
    """The comparison form of a raw value of a type; None when it is empty."""
    return CANONICAL[kind](value, context) if value else None
