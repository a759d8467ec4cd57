"""A subscriber that is a plain function: takes what is posted, and answers as it is told."""

from __future__ import annotations

from typing import Any

import msgspec

from ledgerbridge.sandbox.delivery import Outbox, Post


class Subscriber:
    """Keeps every request; answers with the statuses in `answers`, then with 200."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.posts: list[Post] = []

    async def __call__(self, post: Post) -> int:
        """One request arrives; a status of 0 is a connection that fails."""
        self.posts.append(post)
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            raise ConnectionRefusedError
        return status

    @property
    def bodies(self) -> list[Any]:
        """The decoded bodies, in the order of their arrival."""
        return [msgspec.json.decode(post.body) for post in self.posts]

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events of HubSpot or CloudEvents that arrived."""
        return [event for body in self.bodies for event in body]


async def taken(outbox: Outbox) -> list[dict[str, Any]]:
    """The events that are due now."""
    subscriber = Subscriber()
    await outbox.deliver(subscriber)
    return subscriber.events
