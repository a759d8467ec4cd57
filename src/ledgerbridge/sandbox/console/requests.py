"""The pages about requests: the log, one exchange, and the front page with its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from ledgerbridge.sandbox.console.account import Mark, Tone
from ledgerbridge.sandbox.console.layout import Place, code, crumbs, framed, marks, table
from ledgerbridge.sandbox.console.markup import Child, Markup, address, tag
from ledgerbridge.sandbox.console.records import section
from ledgerbridge.sandbox.console.traffic import Body, Exchange, Traffic
from ledgerbridge.sandbox.http import Request

ROWS = 100
CLASSES = {"": "All", "2": "2xx", "3": "3xx", "4": "4xx", "5": "5xx", "0": "No answer"}
KINDS_SHOWN = 30


def front_page(place: Place, calls: Mapping[str, int], traffic: Traffic, *, live: bool) -> bytes:
    """The accounts, what was called how often, and how the emulator answered."""
    accounts: list[Child] = [
        [
            tag(
                "section",
                tag("h2", account.name),
                tag(
                    "ul",
                    [
                        tag(
                            "li",
                            tag(
                                "a",
                                tag("strong", f"{kind.count:,}"),
                                tag("span", kind.label),
                                href=address(account.id, kind.name),
                            ),
                        )
                        for kind in account.kinds()
                    ],
                    class_="tiles",
                ),
                class_="card",
            ),
            [section(account, one) for one in account.summaries()],
        ]
        for account in place.accounts
    ]
    total = sum(calls.values())
    rows = [(kind, f"{count:,}") for kind, count in Counter(calls).most_common(KINDS_SHOWN)]
    counts = tag(
        "section",
        tag("h2", f"Calls ({total:,})"),
        table("Calls by kind", ("Kind", "Calls"), rows)
        if rows
        else tag("p", "Nobody has called yet.", class_="empty"),
        class_="card",
    )
    heading = tag("div", tag("h1", "Overview"), _live("/", live=live), class_="heading")
    return framed(
        place, "Overview", accounts, counts, _answers(traffic), refresh=live, heading=heading
    )


def log_page(place: Place, traffic: Traffic, request: Request) -> bytes:
    """The latest requests, newest first, all of them or those of one class of statuses."""
    chosen = request.first("status") or ""
    chosen = chosen if chosen in CLASSES else ""
    words = (request.first("q") or "").strip()[:200]
    live = request.first("live") == "1"
    found = [
        one
        for one in reversed(traffic.exchanges)
        if (not chosen or _class(one.status) == chosen)
        and words.lower() in f"{one.method} {one.target}".lower()
    ]
    tabs = [
        tag(
            "a",
            text,
            href=address("log", status=key or None, q=words or None),
            aria_current="true" if key == chosen else None,
        )
        for key, text in CLASSES.items()
    ]
    search = tag(
        "form",
        tag("input", type="hidden", name="status", value=chosen),
        tag(
            "label",
            tag("span", "Search in method and path", class_="unseen"),
            tag("input", type="search", name="q", value=words, placeholder="Method or path…"),
            class_="words",
        ),
        tag("button", "Apply", type="submit"),
        method="get",
        action=address("log"),
        class_="search",
        role="search",
    )
    shown = found[:ROWS]
    head = ("When", "Request", "Status", "ms", "Sent", "Answered")
    body = (
        table("Requests, newest first", head, [_row(one) for one in shown])
        if shown
        else tag("p", "There are no such requests.", class_="empty")
    )
    heading = tag("div", tag("h1", "Requests"), _live(address("log"), live=live), class_="heading")
    note = f"{len(shown):,} of {len(found):,}; the latest {traffic.exchanges.maxlen} are kept."
    return framed(
        place,
        "Requests",
        tag("nav", tabs, class_="tabs", aria_label="Status"),
        search,
        body,
        tag("p", note, class_="note"),
        refresh=live,
        heading=heading,
    )


def exchange_page(place: Place, one: Exchange) -> bytes:
    """One request with both bodies."""
    title = f"{one.method} {one.target}"
    facts = {
        "When": one.at.isoformat(timespec="milliseconds"),
        "Status": str(one.status) if one.status else "no answer",
        "Took": f"{one.took_ms:.1f} ms",
    }
    return framed(
        place,
        title[:120],
        tag(
            "section",
            tag("dl", [tag("div", tag("dt", key), tag("dd", text)) for key, text in facts.items()]),
            class_="card",
        ),
        _body("Sent", one.sent),
        _body("Answered", one.answered),
        heading=[
            crumbs((address("log"), "Requests")),
            tag("h1", tag("bdi", title[:500]), marks([_mark(one.status)]), class_="long"),
        ],
    )


def _live(href: str, *, live: bool) -> Markup:
    if live:
        return tag("a", "Stop following", class_="button quiet", href=href)
    return tag("a", "Follow live", class_="button quiet", href=f"{href}?live=1")


def _answers(traffic: Traffic) -> Markup:
    rows = [
        (marks([_mark(status)]), f"{count:,}") for status, count in sorted(traffic.statuses.items())
    ]
    return tag(
        "section",
        tag("h2", "Answers"),
        table("Answers by status", ("Status", "Answers"), rows)
        if rows
        else tag("p", "None yet.", class_="empty"),
        class_="card",
    )


def _class(status: int) -> str:
    return str(status // 100)


def _mark(status: int) -> Mark:
    tones: dict[str, Tone] = {"2": "good", "4": "bad", "5": "bad", "0": "bad"}
    return Mark(str(status) if status else "no answer", tones.get(_class(status), "quiet"))


def _row(one: Exchange) -> list[Child]:
    href = address("log", str(one.number))
    target = one.target if len(one.target) <= 120 else one.target[:120] + "…"
    return [
        f"{one.at:%H:%M:%S}",
        tag("a", tag("b", one.method), " ", tag("bdi", target), href=href, class_="target"),
        marks([_mark(one.status)]),
        f"{one.took_ms:.1f}",
        f"{one.sent.length:,}",
        f"{one.answered.length:,}",
    ]


def _body(title: str, body: Body) -> Markup:
    text = body.text
    if text and not body.is_cut:
        try:
            text = msgspec.json.format(text.encode("utf-8", "replace"), indent=2).decode()
        except msgspec.DecodeError:
            text = body.text
    note = f"Only the beginning of {body.length:,} bytes is kept." if body.is_cut else ""
    return tag(
        "section",
        tag("h2", title),
        code(text, title) if text else tag("p", "Nothing.", class_="empty"),
        tag("p", note, class_="note") if note else None,
        class_="card",
    )
