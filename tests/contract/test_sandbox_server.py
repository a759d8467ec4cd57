"""Whatever bytes reach the emulators, they answer a 4xx or hang up, and go on serving."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.socket_servers import said, served, status

pytestmark = pytest.mark.wrong_on_purpose

HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"
SOUND = b"GET /crm/objects/2026-09/contacts HTTP/1.1\r\n" + HEAD + b"\r\n"
POST = b"POST /crm/objects/2026-09/contacts HTTP/1.1\r\n" + HEAD
COMPANY = b"/v3/company/9341450000000001/"

WRONG: dict[str, tuple[int, bytes]] = {
    "a null byte in the path": (400, b"GET /a\0b HTTP/1.1\r\n" + HEAD + b"\r\n"),
    "a null byte in a header": (400, b"GET /a HTTP/1.1\r\nX: a\0b\r\n" + HEAD + b"\r\n"),
    "bytes in the path": (400, b"GET /\xff\xfe HTTP/1.1\r\n" + HEAD + b"\r\n"),
    "no such version": (400, b"GET /a HTTP/9.9\r\n" + HEAD + b"\r\n"),
    "a greeting of TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "a greeting of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no host": (400, b"GET /a HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET /a HTTP/1.1\r\nHost: a\r\n" + HEAD + b"\r\n"),
    "two tokens": (
        400,
        b"GET /a HTTP/1.1\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n"
        + HEAD
        + b"\r\n",
    ),
    "a negative length": (400, POST + b"Content-Length: -1\r\n\r\n"),
    "a length that is no number": (400, POST + b"Content-Length: abc\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "a length and chunks": (
        400,
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "a chunk without a size": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"),
    "a chunk that stops": (408, POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
    "a body that stops": (408, POST + b"Content-Length: 10\r\n\r\nab"),
    "a body too long to begin": (413, POST + b"Content-Length: 99999999999\r\n\r\n"),
    "what is no gzip": (400, POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab"),
    "an encoding nobody knows": (400, POST + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\na"),
    "a line without end": (400, b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"),
    "a flood of headers": (400, b"GET /a HTTP/1.1\r\n" + b"X: 1\r\n" * 5_000),
    "another expectation": (417, POST + b"Expect: miracles\r\nContent-Length: 0\r\n\r\n"),
}


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Both emulators."""
    with served() as found:
        yield found


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_http_gets_a_clear_4xx_from_both(
    name: str, ports: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    expected, sent = WRONG[name]
    with caplog.at_level(logging.WARNING):
        answers = [said(port, sent) for port in ports]

    assert [status(answer) for answer in answers] == [expected, expected], answers
    assert caplog.records == []


def test_a_head_that_never_ends_is_cut_off(ports: tuple[int, int]) -> None:
    for port in ports:
        assert said(port, b"GET /a HTTP/1.1\r\nHost: 127.") == b""
        assert said(port, b"") == b""


def test_a_long_address_reaches_the_application(ports: tuple[int, int]) -> None:
    long = b"GET /" + b"a" * 30_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"

    assert [400 <= status(said(port, long)) < 500 for port in ports] == [True, True]


@pytest.mark.parametrize("method", [b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"PUT", b"BREW"])
@pytest.mark.parametrize("path", [b"/crm/objects/2026-09/contacts", COMPANY + b"query", b"*", b"/"])
def test_methods_that_nothing_offers_get_a_4xx(
    method: bytes, path: bytes, ports: tuple[int, int]
) -> None:
    sent = method + b" " + path + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
    statuses = {status(said(port, sent)) for port in ports}

    assert all(400 <= one < 500 for one in statuses) or (method, path) == (b"HEAD", b"/")


def test_an_answer_to_head_has_no_body(ports: tuple[int, int]) -> None:
    for port in ports:
        answer = said(port, b"HEAD / HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert status(answer) == 200
        assert answer.endswith(b"\r\n\r\n")


def test_the_old_version_is_answered_and_the_connection_ends(ports: tuple[int, int]) -> None:
    answer = said(ports[0], b"GET /crm/objects/2026-09/contacts HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.0 401 ")


def test_a_body_may_be_compressed_but_not_blow_up(ports: tuple[int, int]) -> None:
    bomb = gzip.compress(b"\0" * (70 * 1024 * 1024), 9)
    sent = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    assert [status(said(port, POST, sent, bomb)) for port in ports] == [413, 413]


def test_whoever_waits_for_leave_to_send_a_body_gets_it(ports: tuple[int, int]) -> None:
    answer = said(ports[0], POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"{}")

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 ")


def test_requests_in_a_row_are_answered_in_a_row(ports: tuple[int, int]) -> None:
    first = b"GET /crm/objects/2026-09/contacts HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    assert said(ports[0], first + first + SOUND).count(b"HTTP/1.1 401 ") == 3


LINES = st.sampled_from(
    [
        b"GET / HTTP/1.1\r\n",
        b"POST " + COMPANY + b"customer HTTP/1.1\r\n",
        b"GET " + COMPANY + b"query?query=%FF%00 HTTP/1.1\r\n",
        b"Host: 127.0.0.1\r\n",
        b"Connection: close\r\n",
        b"Content-Type: application/json\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Authorization: Bearer \xff\xfe\r\n",
        b": nameless\r\n",
        b" folded\r\n",
        b"\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
        b"{}\n",
    ]
)
SAID = st.lists(LINES | st.binary(max_size=12), max_size=9).map(b"".join)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=SAID)
def test_no_bytes_lead_to_a_500_or_a_hang(sent: bytes, ports: tuple[int, int]) -> None:
    """Ended by what makes any request end, so that no example waits for patience alone."""
    for port in ports:
        answer = said(port, sent + b"\r\n\r\n" + SOUND + b"\0\r\n\r\n")
        assert status(answer) < 500, answer
        assert b"HTTP/1.1 500" not in answer


def test_after_all_that_both_still_serve(ports: tuple[int, int]) -> None:
    assert [status(said(port, SOUND)) for port in ports] == [401, 404]
