"""
Which row of a batch's answer belongs to which write.

HubSpot need not keep the order, and need not echo the trace id of a row that went through. So, in
this order: the trace id; the record id (updates) or the value of the unique key (creations); the
values that were written, first to the letter; the last one left. A row that stays without an
answer is in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from ledgerbridge.connectors.hubspot.failures import Finding, finding_of
from ledgerbridge.connectors.hubspot.records import record_of
from ledgerbridge.connectors.hubspot.wire import BatchAnswer, ErrorBody, Row
from ledgerbridge.connectors.port import Failed, Outcome, Stored, Wanted, Write
from ledgerbridge.core.model import Value
from ledgerbridge.errors import Verdict

TRACE_ID = "objectWriteTraceId"

IN_DOUBT = Finding(
    code="no_answer_for_row",
    message="HubSpot's answer to the batch says nothing about this row.",
    verdict=Verdict.LOOK_AGAIN,
    remedy="The record is looked at before anything is sent again.",
)

Names: TypeAlias = tuple[str, ...]
Values: TypeAlias = tuple[str | Decimal, ...]


def failed(trace: str, finding: Finding) -> Failed:
    """A row that HubSpot refused, with what it said."""
    return Failed(
        trace=trace,
        verdict=finding.verdict,
        code=finding.code,
        message=finding.message,
        remedy=finding.remedy,
        field=finding.field,
        existing_id=finding.existing_id,
    )


def outcomes_of(
    object_type: str, writes: Sequence[Write], answer: BatchAnswer, *, created: bool
) -> dict[str, Outcome]:
    """One outcome for each write, by its trace."""
    findings = _named_findings(writes, answer.errors)
    rows = _rows([one for one in writes if one.trace not in findings], answer.results)
    left = [one for one in writes if one.trace not in findings and one.trace not in rows]
    findings |= _unnamed_findings(left, answer.errors)
    wanted = Wanted(object_type)
    outcomes: dict[str, Outcome] = {}
    for write in writes:
        row = rows.get(write.trace)
        if row is None:
            outcomes[write.trace] = failed(write.trace, findings.get(write.trace, IN_DOUBT))
        else:
            references = _references(write) if created else {}
            outcomes[write.trace] = Stored(write.trace, record_of(row, wanted, references))
    return outcomes


def _named_findings(writes: Sequence[Write], problems: Iterable[ErrorBody]) -> dict[str, Finding]:
    """What the errors say, by trace: they name trace ids, or ids that do not exist."""
    by_id = {write.record_id: write.trace for write in writes if write.record_id is not None}
    findings: dict[str, Finding] = {}
    for problem in problems:
        named = [*problem.context.get(TRACE_ID, ())]
        named += [by_id[one] for one in problem.context.get("ids", ()) if one in by_id]
        if named:
            findings |= dict.fromkeys(named, finding_of(problem))
    return findings


def _unnamed_findings(left: Sequence[Write], problems: Iterable[ErrorBody]) -> dict[str, Finding]:
    """Errors that name nothing belong to the rows that are left, if all of them say the same."""
    unnamed = [
        finding_of(problem)
        for problem in problems
        if not (problem.context.get(TRACE_ID) or problem.context.get("ids"))
    ]
    if len(unnamed) == len(left) and all(one == unnamed[0] for one in unnamed):
        return {write.trace: one for write, one in zip(left, unnamed, strict=True)}
    return {}


def _references(write: Write) -> dict[str, tuple[str, ...]]:
    """The associations that a creation carried: an answer does not show them."""
    references: dict[str, tuple[str, ...]] = {}
    for one in write.associations:
        references[one.object_type] = (*references.get(one.object_type, ()), one.record_id)
    return references


def _rows(writes: Sequence[Write], results: Sequence[Row]) -> dict[str, Row]:
    """
    The rows that went through, by trace.

    An id that is answered twice tells nothing of either: two updates met in one record, for HubSpot
    takes one under an id that a merge took away as one of the survivor.
    """
    answered = Counter(row.id for row in results)
    results = [row for row in results if answered[row.id] == 1]
    traced = {row.object_write_trace_id: row for row in results if row.object_write_trace_id}
    by_id = {row.id: row for row in results}
    matched: dict[str, Row] = {}
    for write in writes:
        row = traced.get(write.trace) or by_id.get(write.record_id or "")
        if row is not None:
            matched[write.trace] = row
    for names_of, shown_as in _STEPS:
        left = [write for write in writes if write.trace not in matched]
        by_names: dict[Names, list[Write]] = {}
        for write in left:
            by_names.setdefault(names_of(write), []).append(write)
        # What says most is told apart first; the rest then has fewer rows to choose from.
        for names in sorted(by_names, key=len, reverse=True):
            matched |= _by_values(by_names[names], _rest(results, matched), names, shown_as)
    left = [write for write in writes if write.trace not in matched]
    rows = _rest(results, matched)
    if len(left) == len(rows) == 1:
        matched[left[0].trace] = rows[0]
    return matched


def _rest(results: Sequence[Row], matched: Mapping[str, Row]) -> list[Row]:
    taken = {row.id for row in matched.values()}
    return [row for row in results if row.id not in taken]


def _key_name(write: Write) -> Names:
    return (write.key_field,) if write.key_field and write.fields.get(write.key_field) else ()


def _written_names(write: Write) -> Names:
    return tuple(sorted(name for name, value in write.fields.items() if value))


def _exact(value: Value) -> str:
    return value or ""


def _plain(value: Value) -> str | Decimal:
    """A value as far as HubSpot keeps it: without outer spaces, case and zeros at the end."""
    text = (value or "").strip().casefold()
    try:
        number = Decimal(text).normalize()
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


_STEPS: tuple[tuple[Callable[[Write], Names], Callable[[Value], str | Decimal]], ...] = (
    (_key_name, _plain),
    (_written_names, _exact),
    (_written_names, _plain),
)


def _by_values(
    writes: Sequence[Write],
    rows: Sequence[Row],
    names: Names,
    shown_as: Callable[[Value], str | Decimal],
) -> dict[str, Row]:
    """
    The rows that show what was written to these properties.

    Of equal writes each may have any of as many rows, if their associations, which an answer
    does not show, are equal too.
    """
    if not names:
        return {}

    def values_of(fields: Mapping[str, Value]) -> Values:
        return tuple(shown_as(fields.get(name)) for name in names)

    shown: dict[Values, list[Row]] = {}
    for row in rows:
        shown.setdefault(values_of(row.properties), []).append(row)
    equal: dict[Values, list[Write]] = {}
    for write in writes:
        equal.setdefault(values_of(write.fields), []).append(write)
    matched: dict[str, Row] = {}
    for values, some in equal.items():
        found = shown.get(values, [])
        if len(found) == len(some) and all(_alike(one, some[0]) for one in some):
            matched |= {one.trace: row for one, row in zip(some, found, strict=True)}
    return matched


def _alike(one: Write, other: Write) -> bool:
    return (one.fields, one.associations) == (other.fields, other.associations)
