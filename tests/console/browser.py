"""A browser without a screen: it reads pages as HTML, follows links and fills in forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urlencode

from ledgerbridge.sandbox.console import with_console
from ledgerbridge.sandbox.http import Response, request_of
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

HOST = "127.0.0.1:8101"
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
NEVER_CLOSED = {"meta", "link", "input", "br", "hr"}
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """A form and what it would send as it stands."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Page(HTMLParser):
    """A page as a browser understands it."""

    status: int
    text: str
    headers: Mapping[str, str]
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._area: str | None = None
        self._select: str | None = None
        self.feed(self.text)
        self.close()
        self.problems += [f"<{name}> is not closed" for name in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, a form, a control."""
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in NEVER_CLOSED:
            self._open.append(tag)
        if tag == "a":
            self.links.append(found["href"])
        if tag == "form":
            self.forms.append(Form(found["action"], found["method"]))
        if not self.forms or "name" not in found:
            selected = tag == "option" and self._select is not None and "selected" in found
            if selected and self._select is not None:
                self.forms[-1].values[self._select] = found["value"]
            return
        if tag == "input":
            self.forms[-1].values[found["name"]] = found.get("value", "")
        if tag == "textarea":
            self._area = found["name"]
            self.forms[-1].values[self._area] = ""
        if tag == "select":
            self._select = found["name"]
            self.forms[-1].values[self._select] = ""

    def handle_endtag(self, tag: str) -> None:
        """Complain where elements are not nested."""
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")
        if tag == "textarea" and self._area is not None:
            values = self.forms[-1].values
            values[self._area] = values[self._area].removeprefix("\n")
            self._area = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """Text of the page, or of a control."""
        if self._area is not None:
            self.forms[-1].values[self._area] += data
        else:
            self.words += data

    def form(self, ending: str) -> Form:
        """The form whose address ends so."""
        return next(one for one in self.forms if one.action.endswith(ending))


class Browser:
    """A person at the pages of one emulator."""

    def __init__(self, emulator: HubSpot | QuickBooks) -> None:
        self.app = with_console(emulator)

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request."""
        return await self.app(request_of(method, target, {"Host": HOST, **(headers or {})}, body))

    async def open(self, target: str) -> Page:
        """A page."""
        return _page(await self.ask("GET", target))

    async def send(self, form: Form, **changes: str) -> Page:
        """What comes of a form, changed and sent; a redirect is followed."""
        values = {name: text.replace("\n", "\r\n") for name, text in form.values.items()}
        values |= {name.replace("__", "."): text for name, text in changes.items()}
        headers = {"Content-Type": FORM_TYPE, "Origin": f"http://{HOST}"}
        body = urlencode(values).encode()
        answer = await self.ask("POST", form.action, body, headers)
        if answer.status == 303:
            return await self.open(answer.headers["Location"])
        return _page(answer)


def _page(answer: Response) -> Page:
    return Page(answer.status, answer.body.decode(), answer.headers)


def now() -> datetime:
    """The present of these tests."""
    return NOW
