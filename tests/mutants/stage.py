"""What scripts are played on: a network that tells of every request, and a world set up so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from ledgerbridge.connectors.transport import HttpRequest, HttpResponse
from ledgerbridge.core.definition import DeletionRule, LeavingScope, SyncDefinition
from ledgerbridge.core.filters import Condition, Filter
from mutants.killers import in_a_world
from mutants.mutant import Killer
from simulation.endings import OUTSIDE
from simulation.network import Network
from simulation.world import QUICKBOOKS_URL, Simulation


def nothing(request: HttpRequest) -> None:
    """Nothing happens before a request arrives."""


def as_it_is(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    return answer


class Watched(Network):
    """A network on which a script hears of every request, and of every answer before we do."""

    def __init__(self, world: Simulation) -> None:
        super().__init__(world.network._apps, world.fate, world.clock.true_now)
        self.before: Callable[[HttpRequest], None] = nothing
        self.after: Callable[[HttpRequest, HttpResponse], HttpResponse] = as_it_is
        self.changed: Callable[[HttpRequest], HttpRequest] = lambda request: request
        world.network = self

    async def _deliver(self, request: HttpRequest) -> HttpResponse:
        self.before(request)
        return self.after(request, await super()._deliver(self.changed(request)))


def is_batch_to_quickbooks(request: HttpRequest) -> bool:
    return request.url.startswith(QUICKBOOKS_URL) and "/batch?" in request.url


class FilteredWorld(Simulation):
    """
    Customers with a certain note are none of HubSpot's business, and rest as they are; what is
    deleted on one side is removed on the other.
    """

    def _ruled(self, definition: SyncDefinition) -> SyncDefinition:
        if definition.name != "contacts":
            return definition
        inside = Condition(field="Notes", operator="is not", value=OUTSIDE)
        return replace(
            definition,
            deletions=DeletionRule.ARCHIVE,
            leaving_scope=LeavingScope.FREEZE,
            to_hubspot=Filter(groups=((inside,),)),
        )


def script(
    name: str,
    play: Callable[[Simulation], Awaitable[None]],
    world: type[Simulation] = Simulation,
) -> Killer:
    return Killer(name=name, play=lambda seed: in_a_world(seed, play, world), scripted=True)
