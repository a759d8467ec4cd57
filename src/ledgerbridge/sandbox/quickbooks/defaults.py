"""What every new company file holds: accounts, terms, payment methods, tax, preferences."""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.account_types import CLASSIFICATIONS
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.schema import Body

# id, name, type, subtype; the ids are those of the vendor's own sample company.
ACCOUNTS = (
    ("1", "Services", "Income", "ServiceFeeIncome"),
    ("4", "Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("7", "Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("33", "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("35", "Checking", "Bank", "Checking"),
    ("79", "Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("80", "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("81", "Inventory Asset", "Other Current Asset", "Inventory"),
    ("84", "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("86", "Discounts given", "Income", "DiscountsRefundsGiven"),
    ("90", "Sales Tax Payable", "Other Current Liability", "GlobalTaxPayable"),
)
TERMS = (("1", "Due on receipt", 0), ("2", "Net 15", 15), ("3", "Net 30", 30), ("4", "Net 60", 60))
PAYMENT_METHODS = (
    ("1", "Cash", "NON_CREDIT_CARD"),
    ("2", "Check", "NON_CREDIT_CARD"),
    ("3", "Visa", "CREDIT_CARD"),
    ("4", "MasterCard", "CREDIT_CARD"),
    ("5", "Discover", "CREDIT_CARD"),
    ("6", "American Express", "CREDIT_CARD"),
    ("7", "Diners Club", "CREDIT_CARD"),
)
TAX_RATE = Decimal(8)
TAX_AGENCY: Body = {"TaxTrackedOnSales": True, "TaxTrackedOnPurchases": False}

PREFERENCES: Body = {
    "AccountingInfoPrefs": {
        "UseAccountNumbers": False,
        "TrackDepartments": False,
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": False,
        "FirstMonthOfFiscalYear": "January",
        "CustomerTerminology": "Customers",
    },
    "ProductAndServicesPrefs": {
        "ForSales": True,
        "ForPurchase": True,
        "QuantityWithPriceAndRate": True,
        "QuantityOnHand": True,
    },
    "SalesFormsPrefs": {
        "CustomField": [],
        "CustomTxnNumbers": False,
        "AllowDeposit": False,
        "AllowDiscount": True,
        "DefaultDiscountAccount": "86",
        "AllowEstimates": True,
        "ETransactionPaymentEnabled": False,
        "AllowShipping": False,
        "DefaultTerms": {"value": "3"},
    },
    "TaxPrefs": {"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}},
    "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
    "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
}
COMPANY_INFO: Body = {
    "CompanyName": "Alder & Finch Supplies",
    "LegalName": "Alder & Finch Supplies LLC",
    "CompanyAddr": {
        "Id": "1",
        "Line1": "12 Harbor Lane",
        "City": "Fairview",
        "CountrySubDivisionCode": "CA",
        "PostalCode": "94000",
    },
    "CompanyStartDate": "2020-01-01",
    "FiscalYearStartMonth": "January",
    "Country": "US",
    "Email": {"Address": "office@example.com"},
    "SupportedLanguages": "en",
    "DefaultTimeZone": "America/Los_Angeles",
    "NameValue": [
        {"Name": "SubscriptionStatus", "Value": "PAID"},
        {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
        {"Name": "ItemCategoriesFeature", "Value": "true"},
    ],
}


def furnish(books: Books) -> None:
    """Puts all of it into empty books."""
    books.add("CompanyInfo", COMPANY_INFO, id_="1")
    books.add("Preferences", _preferences(books), id_="1")
    books.next_id("addresses")
    for id_, name, kind, subtype in ACCOUNTS:
        books.add("Account", _account(name, kind, subtype), id_=id_)
    for id_, name, days in TERMS:
        terms = {"DiscountPercent": 0, "DiscountDays": 0, "Type": "STANDARD"}
        books.add("Term", {"Name": name, "Active": True, "DueDays": days, **terms}, id_=id_)
    for id_, name, kind in PAYMENT_METHODS:
        books.add("PaymentMethod", {"Name": name, "Active": True, "Type": kind}, id_=id_)
    _taxes(books)


def _preferences(books: Books) -> Body:
    chosen = books.switches
    sales = {
        **PREFERENCES["SalesFormsPrefs"],
        "AutoApplyCredit": chosen.auto_apply_credit,
        "AutoApplyPayments": chosen.auto_apply_payments,
    }
    return {**PREFERENCES, "SalesFormsPrefs": sales}


def _account(name: str, kind: str, subtype: str) -> Body:
    return {
        "Name": name,
        "SubAccount": False,
        "FullyQualifiedName": name,
        "Active": True,
        "Classification": CLASSIFICATIONS.get(kind, "Asset"),
        "AccountType": kind,
        "AccountSubType": subtype,
        "CurrentBalance": 0,
        "CurrentBalanceWithSubAccounts": 0,
        "CurrencyRef": {"value": "USD"},
    }


def _taxes(books: Books) -> None:
    rate = {"Name": "California", "Active": True, "RateValue": int(TAX_RATE)}
    agency = {"AgencyRef": {"value": "1"}, "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"}
    books.add("TaxAgency", {"DisplayName": "Fairview Revenue Office", **TAX_AGENCY}, id_="1")
    books.add("TaxRate", {**rate, "Description": "Sales Tax", **agency}, id_="3")
    for code, taxable in (("TAX", True), ("NON", False)):
        pseudo = {"Name": code, "Description": code, "Active": True, "Hidden": False}
        books.add("TaxCode", {**pseudo, "Taxable": taxable, "TaxGroup": False}, id_=code)
    detail = {
        "TaxTypeApplicable": "TaxOnAmount",
        "TaxRateRef": {"value": "3", "name": "California"},
        "TaxOrder": 0,
    }
    group = {"Name": "California", "Description": "California", "Active": True, "Hidden": False}
    lists = {
        "SalesTaxRateList": {"TaxRateDetail": [detail]},
        "PurchaseTaxRateList": {"TaxRateDetail": []},
    }
    books.add("TaxCode", {**group, "Taxable": True, "TaxGroup": True, **lists}, id_="2")
