"""Display names that turn out to be taken when the customers are made."""

from __future__ import annotations

from ledgerbridge.cli.demo_stage import Stage, staged
from ledgerbridge.cli.sandbox import filled
from ledgerbridge.sandbox.quickbooks import Refused
from ledgerbridge.service.connecting import connect_hubspot, connect_quickbooks
from ledgerbridge.service.switching import enable


def hire_everybody(stage: Stage) -> None:
    """Every contact's name is from now on that of a vendor too, as far as it is free."""
    for contact in stage.portal.all("contacts"):
        name = f"{contact.get('firstname', '')} {contact.get('lastname', '')}".strip()
        if name:
            try:
                stage.company.create("Vendor", {"DisplayName": name[:100]})
            except Refused:
                continue


async def test_all_taken_names_of_a_batch_are_looked_up_together() -> None:
    async with staged(*filled(3, 60)) as stage:
        shop, quickbooks = stage.shop, stage.accounts.quickbooks
        await connect_hubspot(shop, stage.accounts.hubspot.token)
        await connect_quickbooks(shop, quickbooks.realm_id, quickbooks.refresh_token)
        await shop.store.write(enable, ["contacts"], shop.clock.now())
        hire_everybody(stage)
        known = {customer["Id"] for customer in stage.company.all("Customer")}
        stage.clear_calls()

        result = await stage.run(accept=True)

        made = [one for one in stage.company.all("Customer") if one["Id"] not in known]
        calls = stage.quickbooks.calls
        wanted = result.planned["contacts.quickbooks.create"]

    assert wanted >= 5
    assert len(made) == wanted
    assert sum(one["DisplayName"].endswith(" (2)") or " – " in one["DisplayName"] for one in made)
    assert calls["query Vendor"] == 1
    assert calls["query Employee"] == 1
