"""The items of the story: categories, goods and services of every type, and a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import product

from ledgerbridge.sandbox.company import stock
from ledgerbridge.sandbox.company.draw import Draw, slug
from ledgerbridge.sandbox.company.story import Body, Entry, existing, ref

INCOME = {"value": existing("Account", "Sales of Product Income")}
SERVICES = {"value": existing("Account", "Services")}
INVENTORY_ASSET = {"value": existing("Account", "Inventory Asset")}
COST_OF_GOODS_SOLD = {"value": existing("Account", "Cost of Goods Sold")}

# The situation that each type of item shows.
SITUATION_OF_TYPE = {
    "Service": "services",
    "NonInventory": "non_inventory",
    "Inventory": "inventory",
    "Category": "categories",
    "Group": "bundles",
}


@dataclass
class ItemBook:
    """The items drawn so far, which of them end inactive, and what the bundle, the last, holds."""

    draw: Draw
    items: list[Entry] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    bundle_parts: list[Entry] = field(default_factory=list)

    def add(self, body: Body) -> Entry:
        """Enters an item and notes what its body shows."""
        key = f"item:{len(self.items) + 1}"
        at = self.draw.moment(self.draw.today - timedelta(days=1490))
        at += timedelta(hours=len(self.items))
        entry = Entry(key, "Item", body["Name"], body, at)
        self.items.append(entry)
        self.draw.situations.add(SITUATION_OF_TYPE[body["Type"]], entry.name)
        if body["Type"] in ("Service", "NonInventory", "Inventory") and "UnitPrice" not in body:
            self.draw.situations.add("items_without_price", entry.name)
        if "ParentRef" in body:
            self.draw.situations.add("items_in_a_category", entry.name)
        return entry

    def deactivate(self, entry: Entry) -> None:
        """Has the item made inactive when everything is entered."""
        self.deactivated.append(entry.key)
        self.draw.situations.add("inactive_items", entry.name)

    @property
    def sold(self) -> list[Entry]:
        """The items with a price that invoices can hold, those made inactive later included."""
        return [entry for entry in self.items if "UnitPrice" in entry.body]


def draw_items(draw: Draw, count: int) -> ItemBook:
    """Exactly `count` items in the order of their entry: categories first, the bundle last."""
    book = ItemBook(draw)
    categories = {
        name: book.add({"Name": name, "Type": "Category"}) for name, *_ in stock.CATEGORIES
    }
    for name in stock.HOURLY:
        price = Decimal(draw.rng.randint(40, 120))
        has_sku = name != stock.HOURLY[-1]
        book.add(_service(name, price) | (_sku(draw, name) if has_sku else {}))
    for body in _drawn(draw, count - len(book.items) - 1, categories):
        book.add(body)
    _make_exceptions(book, categories)
    _add_bundle(book)
    assert len(book.items) == count, "too few names in the stock for so many items"
    return book


def _drawn(draw: Draw, count: int, categories: dict[str, Entry]) -> list[Body]:
    """That many bodies, taken from the categories in turn, so that each type occurs."""
    names = {
        category: draw.rng.sample(combined, len(combined))
        for category, _, firsts, seconds in stock.CATEGORIES
        if (combined := [f"{first} {second}" for first, second in product(firsts, seconds)])
    }
    bodies: list[Body] = []
    while len(bodies) < count:
        before = len(bodies)
        for category, type_, *_ in stock.CATEGORIES:
            if names[category] and len(bodies) < count:
                name = names[category].pop()
                bodies.append(_item(draw, name, type_, categories[category]))
        if len(bodies) == before:
            missing = range(1, count - before + 1)
            bodies += [_service(f"Special order {number}", Decimal(number)) for number in missing]
    return bodies


def _item(draw: Draw, name: str, type_: str, category: Entry) -> Body:
    price = Decimal(draw.rng.randint(800, 48000)) / 100
    body = _service(name, price) if type_ == "Service" else _goods(draw, name, type_, price)
    if draw.chance(0.75):
        body |= _sku(draw, name)
    if draw.chance(0.7) and (description := draw.pick(stock.DESCRIPTIONS)):
        body["Description"] = description
    if draw.chance(0.6):
        body |= {"SubItem": True, "ParentRef": {"value": ref(category.key)}}
    return body


def _service(name: str, price: Decimal) -> Body:
    return {"Name": name, "Type": "Service", "UnitPrice": price, "IncomeAccountRef": SERVICES}


def _goods(draw: Draw, name: str, type_: str, price: Decimal) -> Body:
    body = {
        "Name": name,
        "Type": type_,
        "UnitPrice": price,
        "Taxable": True,
        "IncomeAccountRef": INCOME,
    }
    if type_ == "Inventory":
        body |= {
            "TrackQtyOnHand": True,
            "QtyOnHand": 100000,
            "InvStartDate": (draw.today - timedelta(days=1500)).isoformat(),
            "AssetAccountRef": INVENTORY_ASSET,
            "ExpenseAccountRef": COST_OF_GOODS_SOLD,
        }
    return body


def _sku(draw: Draw, name: str) -> Body:
    initials = "".join(part[0] for part in slug(name).split("-") if part).upper()
    return {"Sku": draw.unique(f"{initials}-{draw.rng.randint(1000, 9999)}")}


def _make_exceptions(book: ItemBook, categories: dict[str, Entry]) -> None:
    """What a clerk did in a hurry: one SKU twice, no price, put away though it was sold."""
    goods = book.sold
    for first, second in zip(goods[5::30], goods[6::30], strict=False):
        shared = first.body.get("Sku") or _sku(book.draw, first.name)["Sku"]
        for entry in (first, second):
            entry.body["Sku"] = shared
            book.draw.situations.add("items_with_the_same_sku", entry.name)
    for entry in goods[7::40]:
        del entry.body["UnitPrice"]
        book.draw.situations.add("items_without_price", entry.name)
    for entry in goods[8::35]:
        book.deactivate(entry)
    if not any("ParentRef" in entry.body for entry in book.items):
        category = categories[stock.CATEGORIES[0][0]]
        goods[4].body.update(SubItem=True, ParentRef={"value": ref(category.key)})
        book.draw.situations.add("items_in_a_category", goods[4].name)


def _add_bundle(book: ItemBook) -> None:
    book.bundle_parts = [entry for entry in book.sold if entry.key not in book.deactivated][:3]
    lines = [{"Qty": 1, "ItemRef": {"value": ref(entry.key)}} for entry in book.bundle_parts]
    detail = {"ItemGroupLine": lines}
    book.add({"Name": "First visit, complete", "Type": "Group", "ItemGroupDetail": detail})
