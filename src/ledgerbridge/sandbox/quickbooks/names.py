"""
Names of people and list records: where they must be unique, how they are built and marked.

A deactivated record's name gains ` (deleted)`; a child's full name is `Parent:Child`. Uniqueness is
by full name, without regard to case, and shared by customers, vendors and employees.
"""

from __future__ import annotations

from ledgerbridge.sandbox.quickbooks.books import HIERARCHIES, Books
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, unusable
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body

DELETED = " (deleted)"
LEVELS_MAX = 4
NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
FORBIDDEN = {
    **dict.fromkeys((*NAME_PARTS, "DisplayName", "PrintOnCheckName"), ":\t\n"),
    "Name": "\t\n",
}
KINDS = {"Customer": "customer", "Vendor": "vendor", "Employee": "employee", "Item": "item"}


def check_characters(body: Body) -> None:
    """Raises Refused (2040) for a colon, tab or newline where names must not hold one."""
    for field, forbidden in FORBIDDEN.items():
        value = body.get(field)
        if isinstance(value, str) and any(character in value for character in forbidden):
            detail = f"Element contains invalid characters: {value[:100]}"
            raise Refused("2040", detail, element=field)


def display_name(body: Body) -> str:
    """The DisplayName given or built from the name parts; raises Refused (6080) without any."""
    name = str(body.get("DisplayName", "")).strip()
    if not name:
        name = " ".join(str(body[part]).strip() for part in NAME_PARTS if body.get(part))
    if not name:
        raise Refused(
            "6080",
            "At least one of the fields DisplayName, Title, GivenName, MiddleName, FamilyName"
            " and Suffix is needed",
        )
    return name


def print_name(body: Body, name: str) -> str:
    """What is printed on checks by default: the company, else the person, else the name."""
    if body.get("CompanyName"):
        return str(body["CompanyName"])
    person = " ".join(str(body[part]) for part in ("GivenName", "FamilyName") if body.get(part))
    return person or name


def marked(name: str, *, active: bool) -> str:
    """The name with or without its mark of deactivation."""
    bare = name.removesuffix(DELETED)
    return bare if active else bare + DELETED


def placed(books: Books, entity: str, body: Body, own_id: str | None) -> Body:
    """
    The fields that tell a record's place: FullyQualifiedName, and Level below a parent.

    Raises Refused: 610 for an unknown or inactive parent, 900 for a loop, 700 for too deep a place.
    """
    label = str(body[ENTITIES[entity].label or ""])
    reference = body.get("ParentRef")
    if not reference:
        return {"FullyQualifiedName": label}
    parent = books.find(entity, reference["value"])
    if parent is None or not parent.active:
        raise unusable()
    line = [parent, *books.ancestors(entity, parent.id)]
    if own_id in {record.id for record in line}:
        raise Refused("900", "Parent cannot be child : A record cannot be below itself")
    if len(line) > LEVELS_MAX:
        raise Refused("700", f"Parent invalid : No more than {LEVELS_MAX} levels below the top")
    full = f"{parent.body['FullyQualifiedName']}:{label}"
    return {"FullyQualifiedName": full, "Level": len(line)}


def check_unique(books: Books, entity: str, body: Body, own_id: str | None) -> None:
    """Raises Refused (6240) where another record holds the name."""
    spec = ENTITIES[entity]
    assert spec.label is not None
    name = body.get("FullyQualifiedName") or body[spec.label]
    others = books.holders(spec.names_shared, name) - {(entity, own_id or "")}
    if body.get("Active") is False:
        others = set()
    if not books.switches.people_share_names:
        others = {holder for holder in others if holder[0] == entity}
    if others:
        holder = KINDS.get(min(others)[0], "record")
        sentence = f"Another {holder} is already using this name. Please use a different name."
        ending = {
            "sentence": sentence,
            "null": "null",
            "placeholder": sentence.replace(holder, f"$${holder}$$", 1),
        }[books.switches.duplicate_name_detail]
        raise Refused("6240", f"The name supplied already exists. : {ending}")


def rename_children(books: Books, record: Record) -> None:
    """Carries a new full name down to all records below; their SyncTokens stay."""
    if record.entity not in HIERARCHIES:
        return
    for child_id in sorted(books.children[record.entity, record.id]):
        child = books.find(record.entity, child_id)
        if child is None:
            continue
        label = child.body[HIERARCHIES[record.entity]]
        level = int(record.body.get("Level", 0)) + 1
        full = f"{record.body['FullyQualifiedName']}:{label}"
        if child.body.get("FullyQualifiedName") != full or child.body.get("Level") != level:
            books.store(record.entity, {**child.body, "FullyQualifiedName": full, "Level": level})
            rename_children(books, child)
