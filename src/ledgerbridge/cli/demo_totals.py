"""The demo's totals: what contacts and companies show of their customers, to segment by."""

from __future__ import annotations

from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import paragraph
from ledgerbridge.cli.output import number

COUNTED = "ledgerbridge_invoices"


def show_totals(stage: Stage) -> None:
    """One contact with what it shows, and how many others are overdue."""
    contacts = [one for one in stage.portal.all("contacts") if one.get(COUNTED)]
    companies = [one for one in stage.portal.all("companies") if one.get(COUNTED)]
    stage.expect(contacts, "No contact shows what its customer was invoiced.")
    stage.expect(companies, "No company shows what its customer was invoiced.")
    if not contacts:
        return
    most = max(contacts, key=lambda one: (int(one[COUNTED]), one["hs_object_id"]))
    late = sum(one.get("ledgerbridge_overdue", "0") != "0" for one in contacts)
    paragraph(
        f"{number(len(contacts), 'contact')} and {number(len(companies), 'company', 'companies')} "
        f"show what they come to: contact {most['hs_object_id']} has {most[COUNTED]} invoices, "
        f"{most['ledgerbridge_invoiced']} invoiced, {most['ledgerbridge_paid']} paid, "
        f"{most['ledgerbridge_open']} open. Of the contacts {late} are overdue."
    )
