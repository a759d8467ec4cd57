"""
Two scripts over all syncs, with nothing left to chance: a first sync, and a busy time after it.

A process can be let die at each of their steps (`crashes.py`). What a script has people do is not
repeated when a process dies: they know nothing of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from simulation.endings import archive, deactivate, merge_contacts, merge_customers, place
from simulation.paying import payment
from simulation.undoing import undo_what_was_written
from simulation.world import ARRIVES_WITHIN_S, Simulation


@dataclass
class Books:
    """The ids of what a script speaks of again."""

    customers: list[str]
    items: list[str]
    invoices: list[str]
    payments: list[str]
    contacts: list[str]


@dataclass(frozen=True)
class Script:
    """What is there before, and what happens while a process may die."""

    before: Callable[[Simulation], Awaitable[Books]]
    happens: Callable[[Simulation, Books], Awaitable[None]]


def _open_books(world: Simulation) -> Books:
    """Two small accounts that overlap: some customers are contacts already, some are not."""
    people = world.people
    items = [people.item("10"), people.item("25")]
    customers = [people.customer(f"person{number}@example.com") for number in range(7)]
    customers.append(people.customer(None))
    for customer in customers[:3]:
        people.edit_customer(customer, "CompanyName")
    invoices = [
        people.invoice(customer, items[number % 2], 1 + number % 2)
        for number, customer in enumerate(customers)
    ]
    contacts = [people.contact(f"Person{number}@example.com", qualifies=False) for number in (1, 2)]
    contacts.append(people.contact("lead@example.com", qualifies=True))
    contacts.append(people.contact("cold@example.com", qualifies=False))
    people.deal(contacts[0], "500")
    payments = [
        payment(people, customers[number], {invoices[number]: 5}, rest=number) for number in (0, 1)
    ]
    return Books(customers, items, invoices, payments, contacts)


async def _connected(world: Simulation) -> Books:
    """Somebody pays before the first run, which makes what notes tell of."""
    books = _open_books(world)
    await world.connect()
    payment(world.people, books.customers[1], {books.invoices[1]: 4})
    return books


async def _first_sync(world: Simulation, _: Books) -> None:
    await world.cycle()


async def _in_step(world: Simulation) -> Books:
    books = await _connected(world)
    await world.settle()
    return books


async def _busy_time(world: Simulation, books: Books) -> None:
    _work(world, books)
    await world.cycle()
    await world.clock.sleep(ARRIVES_WITHIN_S)
    _end_some(world, books)
    await world.cycle()
    await world.clock.sleep(ARRIVES_WITHIN_S)
    await undo_what_was_written(world, books.customers[1], books.contacts[0])


def _work(world: Simulation, books: Books) -> None:
    """A busy morning on both sides."""
    people, company = world.people, world.company
    people.edit_customer(books.customers[0], "GivenName")
    people.edit_contact(books.contacts[0], "company")
    people.edit_customer(books.customers[2], "FamilyName")
    people.edit_contact(books.contacts[1], "lastname")  # the same field of the same pair
    people.customer("new@example.com", CompanyName="Acorn Cafe")
    people.contact("fresh@example.com", qualifies=True)
    fourth = people.invoice(books.customers[3], books.items[1], 3)
    people.edit_invoice(books.invoices[1], books.items[0], 4, less=1)
    company.update("Item", {"Id": books.items[0], "sparse": True, "UnitPrice": 12})
    payment(people, books.customers[3], {fourth: 20, books.invoices[3]: 1}, rest=3)
    payment(people, books.customers[1], {books.invoices[1]: 3})
    company.delete("Payment", books.payments[0])
    company.update("Payment", {"Id": books.payments[1], "sparse": True, "Line": []})
    people.deal(books.contacts[1], "500")


def _end_some(world: Simulation, books: Books) -> None:
    """Pairs end in every way that there is, some of them while another edit is on its way."""
    people = world.people
    people.edit_customer(books.customers[5], "GivenName")
    mirrors = {
        contact["ledgerbridge_key"].rsplit(":", 1)[1]: contact["hs_object_id"]
        for contact in world.portal.all("contacts")
        if contact.get("ledgerbridge_key")
    }
    archive(people, mirrors[books.customers[3]])
    merge_customers(people, books.customers[4], books.customers[7])
    merge_contacts(people, books.contacts[3], books.contacts[2])
    deactivate(people, books.customers[6])
    place(people, books.customers[5], inside=False)
    world.company.delete("Invoice", books.invoices[2])
    people.removed.add(("Invoice", books.invoices[2]))
    people.edit_customer(books.customers[1], "GivenName")


SCRIPTS: Mapping[str, Script] = {
    "first sync": Script(_connected, _first_sync),
    "busy time": Script(_in_step, _busy_time),
}
