"""The pages of one record: what it is, its form, and the fields of its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ledgerbridge.sandbox.console.account import (
    Account,
    Act,
    Input,
    Kind,
    Problem,
    Section,
)
from ledgerbridge.sandbox.console.layout import Place, cell, code, crumbs, framed, marks, table
from ledgerbridge.sandbox.console.markup import Child, Markup, address, tag

DONE = {
    "created": "The record was created.",
    "saved": "The record was saved.",
    "archive": "The record was archived.",
    "restore": "The record was restored.",
    "deactivate": "The record is inactive now.",
    "activate": "The record is active again.",
    "void": "The record was voided.",
    "delete": "The record was deleted.",
    "pay": "This payment was received.",
    "merge": "The records were merged into this one.",
    "associate": "The records are associated.",
    "separate": "The records are not associated any more.",
}
OPTIONS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Spot:
    """A record, or the place of one to be made, and the token that forms carry."""

    place: Place
    account: Account
    kind: Kind
    csrf: str
    record: Any | None = None

    def address(self, *more: str, **query: str) -> str:
        """An address below the record, or below its type."""
        own = () if self.record is None else (self.account.record_id(self.record),)
        return address(self.account.id, self.kind.name, *own, *more, **query)

    @property
    def crumbs(self) -> Markup:
        """The way here."""
        own = address(self.account.id, self.kind.name)
        steps = [("/", self.account.name), (own, self.kind.label)]
        if self.record is not None:
            steps.append((self.address(), self.account.title(self.kind.name, self.record)))
        return crumbs(*steps)


def record_page(spot: Spot, *, done: str = "", problems: Sequence[Problem] = ()) -> bytes:
    """A record with all that belongs to it."""
    account, kind = spot.account, spot.kind
    shown = account.shown(kind.name, spot.record)
    edit = tag("a", "Edit", class_="button", href=spot.address("edit"))
    heading = tag(
        "div",
        tag("h1", tag("bdi", shown.title), marks(shown.marks)),
        tag("div", edit if shown.editable else None, class_="actions"),
        class_="heading",
    )
    facts = [
        tag(
            "div",
            tag("dt", label, tag("small", name) if name != label else None),
            tag("dd", tag("bdi", cell(account, value, whole=True))),
        )
        for label, name, value in shown.facts
    ]
    return framed(
        spot.place,
        shown.title,
        _notice(done),
        _alert(problems),
        tag("div", [_act(spot, one) for one in shown.acts], class_="acts"),
        tag("section", tag("h2", "Fields"), tag("dl", facts), class_="card"),
        [section(account, one) for one in shown.sections],
        tag(
            "details",
            tag("summary", "As a read answers it"),
            code(msgspec.json.format(shown.raw, indent=2).decode(), "JSON of the record"),
            class_="card",
        ),
        heading=[spot.crumbs, heading],
    )


def form_page(
    spot: Spot, values: Mapping[str, str] | None = None, problems: Sequence[Problem] = ()
) -> bytes:
    """The form of a record; `values` are what was entered where it is shown again."""
    account, kind, new = spot.account, spot.kind, spot.record is None
    inputs = account.inputs(kind.name, spot.record)
    if values is not None:
        inputs = [_entered(one, values[one.name]) if one.name in values else one for one in inputs]
    told = {one.field: one.text for one in problems if one.field is not None}
    main = [_control(one, told.get(one.name)) for one in inputs if one.main or one.name in told]
    more = [_control(one, None) for one in inputs if not one.main and one.name not in told]
    version = "" if new else account.version(spot.record)
    title = f"New {kind.label}" if new else f"Edit {account.title(kind.name, spot.record)}"
    back = address(account.id, kind.name) if new else spot.address()
    return framed(
        spot.place,
        title,
        _alert(problems),
        tag(
            "form",
            _token(spot),
            tag("input", type="hidden", name="_version", value=version),
            tag("div", main, class_="fields"),
            tag(
                "details",
                tag("summary", f"{len(more)} more fields"),
                tag("div", more, class_="fields"),
            )
            if more
            else None,
            tag(
                "div",
                tag("button", "Create" if new else "Save", type="submit"),
                tag("a", "Cancel", class_="button quiet", href=back),
                class_="actions",
            ),
            method="post",
            action=spot.address("new" if new else "edit"),
            class_="card form",
            autocomplete="off",
        ),
        heading=[spot.crumbs, tag("div", tag("h1", tag("bdi", title)), class_="heading")],
    )


def fields_page(place: Place, account: Account, kind: Kind) -> bytes:
    """How the fields of a type are defined."""
    rows = [
        (
            tag("code", one.name),
            one.label,
            one.type,
            one.group,
            one.remarks,
            ", ".join(one.options[:OPTIONS_SHOWN])
            + ("…" if len(one.options) > OPTIONS_SHOWN else ""),
        )
        for one in account.fields(kind.name)
    ]
    title = f"Fields of {kind.label}"
    way = crumbs(("/", account.name), (address(account.id, kind.name), kind.label))
    head = ("Name", "Label", "Type", "Group", "Remarks", "Options")
    return framed(place, title, table(title, head, rows), heading=[way, tag("h1", title)])


def section(account: Account, shown: Section) -> Markup:
    """A table of a record's page or of the front page."""
    rows = [[cell(account, value) for value in row] for row in shown.rows]
    return tag(
        "section",
        tag("h2", shown.title),
        table(shown.title, shown.head, rows) if rows else tag("p", "None.", class_="empty"),
        tag("p", shown.note, class_="note") if shown.note else None,
        class_="card",
    )


def _token(spot: Spot) -> Markup:
    return tag("input", type="hidden", name="_csrf", value=spot.csrf)


def _notice(done: str) -> Child:
    return tag("p", DONE[done], class_="notice", role="status") if done in DONE else None


def _alert(problems: Sequence[Problem]) -> Child:
    if not problems:
        return None
    items = [
        tag("li", tag("strong", one.field, ": ") if one.field else None, tag("bdi", one.text))
        for one in problems
    ]
    return tag(
        "div", tag("p", "Nothing was changed."), tag("ul", items), class_="alert", role="alert"
    )


def _act(spot: Spot, act: Act) -> Markup:
    inputs = [_control(one, None, act.name) for one in act.inputs]
    return tag(
        "details",
        tag("summary", act.label, class_="button grave" if act.grave else "button quiet"),
        tag(
            "form",
            _token(spot),
            tag("p", act.explanation),
            inputs,
            tag("button", act.label, type="submit", class_="grave" if act.grave else None),
            method="post",
            action=spot.address(act.name),
        ),
    )


def _entered(one: Input, value: str) -> Input:
    area = one.control == "text" and "\n" in value
    return replace(one, value=value, control="area" if area else one.control)


def _control(one: Input, problem: str | None, within: str = "form") -> Markup:
    key = f"{within}-{one.name}"
    told, hinted = (f"{key}-problem" if problem else None), (f"{key}-hint" if one.hint else None)
    about = " ".join(filter(None, (told, hinted))) or None
    common: dict[str, Any] = {
        "id": key,
        "name": one.name,
        "aria_describedby": about,
        "aria_invalid": "true" if problem else None,
    }
    if one.control == "choice":
        choices = [("", "—"), *one.options]
        listed = [
            tag("option", text, value=value, selected=value == one.value) for value, text in choices
        ]
        control = tag("select", listed, **common)
    elif one.control in {"area", "json"}:
        rows = min(24, max(3, one.value.count("\n") + 1))
        look = "code" if one.control == "json" else None
        control = tag("textarea", "\n", one.value, rows=rows, class_=look, dir="auto", **common)
    else:
        control = tag("input", value=one.value, dir="auto", **common)
    return tag(
        "div",
        tag("label", one.label, for_=key),
        control,
        tag("small", one.hint, id=hinted) if one.hint else None,
        tag("strong", problem, id=told, class_="problem") if problem else None,
        class_="field",
    )
