"""A transport that calls the emulators' applications directly, without sockets."""

from __future__ import annotations

from collections.abc import Mapping

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NoResponse, NotSent
from ledgerbridge.sandbox.http import App, NoAnswer, request_of


class EmulatorTransport:
    """Sends what begins with a base URL (`https://books.example`) to the application behind it."""

    def __init__(self, apps: Mapping[str, App]) -> None:
        self._apps = apps
        self.sent: list[HttpRequest] = []
        self._plugged = True

    def unplug(self) -> None:
        """Pull the network cable: nothing leaves any more."""
        self._plugged = False

    def plug(self) -> None:
        """Put it back."""
        self._plugged = True

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Ask the application; an unanswered or cut answer is `NoResponse`."""
        base_url = next((url for url in self._apps if request.url.startswith(url)), None)
        if base_url is None or not self._plugged:
            raise NotSent(f"No application answers at {request.url.partition('?')[0]}.")
        self.sent.append(request)
        app, target = self._apps[base_url], request.url[len(base_url) :]
        try:
            answer = await app(request_of(request.method, target, request.headers, request.body))
        except NoAnswer as error:
            raise NoResponse("The connection closed without an answer.") from error
        if answer.cut:
            raise NoResponse("The answer ended half way.")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(status=answer.status, headers=headers, body=answer.body)
