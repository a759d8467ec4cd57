"""The association types between the emulated object types, one row for both directions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
USER_DEFINED = "USER_DEFINED"


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction of an association: its id, its ends, its label, and the id back."""

    type_id: int
    from_type: str
    to_type: str
    label: str | None
    reverse_id: int
    category: str = HUBSPOT_DEFINED

    def shown(self) -> dict[str, str | int | None]:
        """The type as associations and labels show it."""
        return {"category": self.category, "typeId": self.type_id, "label": self.label}


PRIMARY = "Primary"
LABEL_ID_FIRST = 10_001
"""HubSpot numbers a portal's own labels from 1; here no two types share a number."""

# from, to, id, id back, label, label back
ROWS: tuple[tuple[str, str, int, int, str | None, str | None], ...] = (
    ("contacts", "contacts", 449, 449, None, None),
    ("contacts", "companies", 279, 280, None, None),
    ("contacts", "companies", 1, 2, PRIMARY, PRIMARY),
    ("contacts", "companies", 931, 930, "Billing Contact", "Billing Contact"),
    ("contacts", "deals", 4, 3, None, None),
    ("contacts", "invoices", 178, 177, None, None),
    ("contacts", "commerce_payments", 388, 387, None, None),
    ("contacts", "notes", 201, 202, None, None),
    ("contacts", "quotes", 70, 69, None, None),
    ("contacts", "quotes", 703, 702, "Contact Signer", "Contact Signer"),
    ("contacts", "quotes", 1227, 1226, "Billing Contact", "Billing Contact"),
    ("companies", "companies", 450, 450, None, None),
    ("companies", "companies", 13, 14, "Child Company", "Parent Company"),
    ("companies", "deals", 342, 341, None, None),
    ("companies", "deals", 6, 5, PRIMARY, PRIMARY),
    ("companies", "invoices", 180, 179, None, None),
    ("companies", "commerce_payments", 390, 389, None, None),
    ("companies", "notes", 189, 190, None, None),
    ("companies", "quotes", 72, 71, None, None),
    ("companies", "quotes", 1335, 1334, "Billing Company", "Billing Company"),
    ("deals", "deals", 451, 451, None, None),
    ("deals", "line_items", 19, 20, None, None),
    ("deals", "invoices", 176, 175, None, None),
    ("deals", "commerce_payments", 392, 391, None, None),
    ("deals", "notes", 213, 214, None, None),
    ("deals", "quotes", 63, 64, None, None),
    ("line_items", "invoices", 410, 409, None, None),
    ("line_items", "commerce_payments", 396, 395, None, None),
    ("line_items", "discounts", 368, 367, None, None),
    ("line_items", "quotes", 68, 67, None, None),
    ("invoices", "commerce_payments", 541, 542, None, None),
    ("invoices", "discounts", 411, 412, None, None),
    ("invoices", "fees", 413, 414, None, None),
    ("invoices", "taxes", 415, 416, None, None),
    ("invoices", "quotes", 407, 408, None, None),
    ("commerce_payments", "fees", 1326, 1327, None, None),
    ("commerce_payments", "quotes", 397, 398, None, None),
    ("discounts", "quotes", 361, 362, None, None),
    ("fees", "quotes", 363, 364, None, None),
    ("taxes", "quotes", 365, 366, None, None),
)

# A line item has one of these; which of them it is may be any.
SINGLE_PARENTS = ("deals", "invoices", "quotes")


def both_directions(
    rows: Iterable[tuple[str, str, int, int, str | None, str | None]],
    category: str = HUBSPOT_DEFINED,
) -> list[AssociationType]:
    """The types of table rows, forward and back; a row whose ids are one has one direction."""
    found = []
    for origin, target, forward, back, label, label_back in rows:
        found.append(AssociationType(forward, origin, target, label, back, category))
        if back != forward:
            found.append(AssociationType(back, target, origin, label_back, forward, category))
    return found


class AssociationTypes:
    """The types of one portal: HubSpot's, and the labels its people made."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[str, str], dict[int, AssociationType]] = {}
        self._next_id = LABEL_ID_FIRST
        self.add(both_directions(ROWS))

    def add(self, types: Iterable[AssociationType]) -> None:
        """Adds types, or replaces those with the same ids."""
        for found in types:
            pair = self._by_pair.setdefault((found.from_type, found.to_type), {})
            pair[found.type_id] = found

    def add_label(self, from_type: str, to_type: str, label: str, inverse: str) -> tuple[int, int]:
        """Makes a label of one's own; the ids there and back."""
        forward = self._next_id
        back = forward if from_type == to_type and label == inverse else forward + 1
        self._next_id = back + 1
        row = (from_type, to_type, forward, back, label, inverse)
        self.add(both_directions([row], USER_DEFINED))
        return forward, back

    def rename_label(self, label: AssociationType, text: str, inverse: str | None) -> None:
        """Changes the text of a label of one's own, and of its way back where one is given."""
        self.add([replace(label, label=text)])
        back = self.find(label.to_type, label.from_type, label.reverse_id)
        if back is not None and inverse is not None and back.type_id != label.type_id:
            self.add([replace(back, label=inverse)])

    def labels(self, from_type: str, to_type: str) -> list[AssociationType]:
        """The labels of a pair that people made."""
        return [one for one in self.between(from_type, to_type) if one.category == USER_DEFINED]

    def remove_label(self, from_type: str, to_type: str, type_id: int) -> bool:
        """Removes a label of one's own, in both directions; whether there was one."""
        found = self.find(from_type, to_type, type_id)
        if found is None or found.category != USER_DEFINED:
            return False
        del self._by_pair[from_type, to_type][type_id]
        self._by_pair[to_type, from_type].pop(found.reverse_id, None)
        return True

    def between(self, from_type: str, to_type: str) -> list[AssociationType]:
        """All types of a pair; empty where the two cannot be associated."""
        return list(self._by_pair.get((from_type, to_type), {}).values())

    def find(self, from_type: str, to_type: str, type_id: int) -> AssociationType | None:
        """The type of a pair with this id, or None."""
        return self._by_pair.get((from_type, to_type), {}).get(type_id)

    def find_from(self, from_type: str, type_id: int) -> AssociationType | None:
        """The type with this id that begins at `from_type`, or None."""
        pairs = (pair for (origin, _), pair in self._by_pair.items() if origin == from_type)
        return next((pair[type_id] for pair in pairs if type_id in pair), None)

    def default(self, from_type: str, to_type: str) -> AssociationType | None:
        """The unlabelled type of a pair, or None."""
        pair = self._by_pair.get((from_type, to_type), {}).values()
        return next((found for found in pair if found.label is None), None)

    def primary(self, from_type: str, to_type: str) -> AssociationType | None:
        """The primary type of a pair, or None."""
        pair = self._by_pair.get((from_type, to_type), {}).values()
        return next((found for found in pair if found.label == PRIMARY), None)
