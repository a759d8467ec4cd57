"""The pages are for the person at this machine, and tell no secret."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.browser import FORM_TYPE, HOST, Browser, now
from ledgerbridge.sandbox.http import request_of
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

ADA = {"email": "ada@example.com"}


def portal() -> tuple[HubSpot, Browser, str]:
    """A portal with a contact, its pages, and the address of the contact."""
    emulator = HubSpot(now=now)
    id_ = emulator.portal().create("contacts", ADA)["hs_object_id"]
    return emulator, Browser(emulator), f"/look/{emulator.portal_id}/contacts/{id_}"


@pytest.mark.parametrize("token", ["", "wrong", "é", None])
async def test_a_form_without_the_token_of_the_page_does_nothing(token: str | None) -> None:
    emulator, browser, contact = portal()
    values = {} if token is None else {"_csrf": token}

    answer = await browser.ask(
        "POST", f"{contact}/archive", urlencode(values).encode(), {"Content-Type": FORM_TYPE}
    )

    assert answer.status == 403
    assert len(emulator.portal().all("contacts")) == 1


async def test_a_form_from_another_site_does_nothing() -> None:
    emulator, browser, contact = portal()
    form = (await browser.open(contact)).form("/archive")

    answer = await browser.ask(
        "POST",
        form.action,
        urlencode(form.values).encode(),
        {"Content-Type": FORM_TYPE, "Origin": "http://elsewhere.example.com"},
    )

    assert answer.status == 403
    assert len(emulator.portal().all("contacts")) == 1


@pytest.mark.parametrize(
    "host", ["elsewhere.example.com", "127.0.0.1.example.com", "", "127.0.0.1:8101@example.com"]
)
@pytest.mark.parametrize("target", ["/", "/look/log", "/look/style.css"])
async def test_a_name_that_is_not_of_this_machine_gets_no_page(host: str, target: str) -> None:
    _, browser, _ = portal()

    answer = await browser.ask("GET", target, headers={"Host": host})

    assert answer.status == 403


@pytest.mark.parametrize("host", ["localhost:8101", "[::1]:8101", "127.0.0.1", HOST])
async def test_names_of_this_machine_get_pages(host: str) -> None:
    _, browser, _ = portal()

    assert (await browser.ask("GET", "/", headers={"Host": host})).status == 200


async def test_other_methods_content_types_and_bad_forms_get_a_clear_4xx() -> None:
    _, browser, contact = portal()
    target = f"{contact}/edit"
    form = {"Content-Type": FORM_TYPE}

    assert (await browser.ask("DELETE", contact)).status == 405
    assert (await browser.ask("POST", target, b"{}", {"Content-Type": "text/json"})).status == 415
    assert (await browser.ask("POST", target, b"\xff=1", form)).status == 400
    assert (await browser.ask("POST", target, b"a=1&" * 5000, form)).status == 400
    for missing in ("/look/1/contacts", "/look/147000001/x", f"{contact}9", "/look/log/x"):
        assert (await browser.ask("GET", missing)).status == 404


async def test_no_token_or_secret_is_shown_in_the_log_of_requests() -> None:
    emulator = QuickBooks(now=now)
    browser, (access, refresh) = Browser(emulator), emulator.issue_tokens()
    dead = "eJ" + "d" * 60
    sent = {"Host": HOST, "Authorization": f"Bearer {access}"}
    body = urlencode({"grant_type": "refresh_token", "refresh_token": refresh}).encode()
    for request in (
        request_of("GET", "/v3/company/9341450000000001/companyinfo/1", sent, b""),
        request_of(
            "GET",
            "/v3/company/9341450000000001/companyinfo/1",
            {**sent, "Authorization": f"Bearer {dead}"},
            b"",
        ),
        request_of("POST", "/oauth2/v1/tokens/bearer", {**sent, "Content-Type": FORM_TYPE}, body),
        request_of("GET", f"/x?access_token={refresh}", sent, b""),
    ):
        await browser.app(request)

    pages = [await browser.open("/look/log")]
    pages += [await browser.open(link) for link in pages[0].links if "/log/" in link]
    assert len(pages) == 5
    shown = "".join(page.text for page in pages)
    for secret in (access, refresh, emulator.client_secret, dead[:60]):
        assert secret not in shown


async def test_hubspots_tokens_are_struck_out_of_paths_too() -> None:
    emulator, browser, _ = portal()
    token, _ = emulator.issue_oauth()
    await browser.app(request_of("GET", f"/oauth/v1/access-tokens/{token}", {"Host": HOST}, b""))

    log = await browser.open("/look/log")

    assert token not in log.text
    assert "/oauth/v1/access-tokens/" in log.words


async def test_the_log_can_be_filtered_and_shows_bodies() -> None:
    emulator, browser, _ = portal()
    sent = {"Host": HOST, "Authorization": f"Bearer {emulator.issue_token()}"}
    body = b'{"properties": {"email": "bo@example.com"}}'
    await browser.app(request_of("POST", "/crm/objects/2026-09/contacts", sent, body))
    await browser.app(request_of("GET", "/crm/objects/2026-09/contacts/1", sent, b""))

    good, bad = [await browser.open(f"/look/log?status={x}") for x in "24"]
    one = await browser.open(next(x for x in good.links if "/log/" in x))

    assert "POST" in good.words
    assert "GET" not in good.words
    assert "404" in bad.words
    assert "bo@example.com" in one.words
    assert "batch" not in (await browser.open("/")).words
    assert "create contacts" in (await browser.open("/")).words


PORTAL, PAGES, CONTACT = portal()
WORDS = st.text(max_size=8)
SEGMENTS = st.sampled_from(
    ["look", "log", "new", "edit", "fields", "contacts", "147000001", "pay", CONTACT[-11:]]
)
TARGETS = st.lists(SEGMENTS | WORDS, max_size=5).map(lambda parts: "/look/" + "/".join(parts))
QUERIES = st.dictionaries(
    st.sampled_from(["q", "field", "is", "value", "sort", "desc", "page", "state", "done", "live"]),
    WORDS | st.sampled_from(["email", "lastname", "gt", "has", "1", "-5", "1e99", "NaN", "٣"]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(target=TARGETS, query=QUERIES, method=st.sampled_from(["GET", "POST", "HEAD", "PUT"]))
async def test_no_address_breaks_the_pages(target: str, query: dict[str, str], method: str) -> None:
    text = urlencode(query, errors="replace")
    headers = {"Content-Type": FORM_TYPE} if method == "POST" else {}

    for path in (target, CONTACT.rpartition("/")[0]):
        answer = await PAGES.ask(method, f"{path}?{text}", text.encode(), headers)
        assert answer.status in {200, 403, 404, 405}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    values=st.dictionaries(
        st.sampled_from(["email", "firstname", "hubspot_owner_id", "x"]), st.text(max_size=30)
    ),
    raw=st.binary(max_size=30),
)
async def test_no_form_breaks_the_pages(values: dict[str, str], raw: bytes) -> None:
    form = (await PAGES.open(f"{CONTACT}/edit")).form("/edit")
    body = urlencode({**form.values, **values}, errors="replace").encode()

    for sent in (body, raw, body + raw):
        answer = await PAGES.ask("POST", form.action, sent, {"Content-Type": FORM_TYPE})
        assert answer.status in {303, 400, 403, 422}
