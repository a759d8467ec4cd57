"""`taxservice/taxcode`: the only way to make a tax code, with rates made beside it or known."""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.schema import Body, normalised

RATE_PERCENT_MAX = 100
SIDES = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}


def create(books: Books, sent: Body) -> Body:
    """The answer, which has no entity around it. Raises Refused; nothing is made then."""
    body = normalised("TaxService", sent)
    name = str(body.get("TaxCode", "")).strip()
    if not name:
        raise missing("TaxCode")
    details = body.get("TaxRateDetails") or []
    if not details:
        raise missing("TaxRateDetails")
    if books.holders("TaxCode", name):
        raise Refused("6240", "The name supplied already exists. : null", element="TaxCode")
    for detail in details:
        _check(books, detail)
    made = [_with_rate(books, detail) for detail in details]
    lists: dict[str, Body] = {side: {"TaxRateDetail": []} for side in SIDES.values()}
    for number, detail in enumerate(made):
        side = SIDES[detail.get("TaxApplicableOn", "Sales")]
        reference = {"value": detail["TaxRateId"], "name": detail["TaxRateName"]}
        lists[side]["TaxRateDetail"].append(
            {
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxRateRef": reference,
                "TaxOrder": number,
            }
        )
    code = {"Name": name, "Description": name, "Active": True, "Hidden": False, "Taxable": True}
    record = books.add("TaxCode", {**code, "TaxGroup": len(made) > 1, **lists})
    return {"TaxCode": name, "TaxCodeId": record.id, "TaxRateDetails": made}


def _check(books: Books, detail: Body) -> None:
    if detail.get("TaxApplicableOn", "Sales") not in SIDES:
        raise Refused("2170", f"Invalid Enumeration : {detail['TaxApplicableOn']}")
    if "TaxRateId" in detail:
        if books.find("TaxRate", detail["TaxRateId"]) is None:
            shown = f"TaxRates element id {detail['TaxRateId'][:40]} not found"
            raise Refused("2500", f"Invalid Reference Id : {shown}")
        return
    for name in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if detail.get(name) in (None, ""):
            raise missing(name)
    if books.find("TaxAgency", detail["TaxAgencyId"]) is None:
        shown = f"TaxAgencies element id {detail['TaxAgencyId'][:40]} not found"
        raise Refused("2500", f"Invalid Reference Id : {shown}")
    if not 0 <= Decimal(detail["RateValue"]) <= RATE_PERCENT_MAX:
        raise broken_rule("A tax rate must be between 0 and 100 percent")
    if books.holders("TaxRate", detail["TaxRateName"]):
        raise Refused("6240", "The name supplied already exists. : null", element="TaxRateName")


def _with_rate(books: Books, detail: Body) -> Body:
    known = books.find("TaxRate", detail["TaxRateId"]) if "TaxRateId" in detail else None
    if known is None:
        known = books.add(
            "TaxRate",
            {
                "Name": detail["TaxRateName"],
                "Description": detail["TaxRateName"],
                "Active": True,
                "RateValue": detail["RateValue"],
                "AgencyRef": {"value": detail["TaxAgencyId"]},
                "SpecialTaxType": "NONE",
                "DisplayType": "ReadOnly",
            },
        )
    return {
        **detail,
        "TaxRateId": known.id,
        "TaxRateName": known.body["Name"],
        "RateValue": known.body["RateValue"],
    }
