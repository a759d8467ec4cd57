"""What each entity is: one row a kind, from the reference's field lists and recordings."""

from __future__ import annotations

from ledgerbridge.sandbox.quickbooks import generated_entities
from ledgerbridge.sandbox.quickbooks.entity import (
    COMMON_READ_ONLY,
    CREATE_UPDATE,
    CREATE_UPDATE_DELETE,
    Entity,
    Operation,
)

TRANSACTION: frozenset[Operation] = CREATE_UPDATE_DELETE | {"void"}

PERSON_LENGTHS = {
    "DisplayName": 500,
    "Title": 16,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "Suffix": 16,
    "CompanyName": 100,
    "PrintOnCheckName": 110,
    "Notes": 2000,
    "ResaleNum": 16,
    "PrimaryPhone.FreeFormNumber": 30,
    "AlternatePhone.FreeFormNumber": 30,
    "Mobile.FreeFormNumber": 30,
    "Fax.FreeFormNumber": 30,
    "PrimaryEmailAddr.Address": 100,
    "WebAddr.URI": 1000,
    **{
        f"{address}.{part}": length
        for address in ("BillAddr", "ShipAddr", "PrimaryAddr")
        for part, length in {
            **{f"Line{number}": 500 for number in range(1, 6)},
            "City": 255,
            "Country": 255,
            "CountrySubDivisionCode": 255,
            "PostalCode": 30,
        }.items()
    },
}
SALE_LENGTHS = {
    "DocNumber": 21,
    "PrivateNote": 4000,
    "CustomerMemo.value": 1000,
    "PaymentRefNum": 21,
    "BillEmail.Address": 100,
}
PERSON_READ_ONLY = frozenset({"FullyQualifiedName", "Level", "V4IDPseudonym"})
SALE_READ_ONLY = frozenset(
    {"TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance", "InvoiceLink", "RecurDataRef"}
)


def _person(name: str, order: str, extra_read_only: frozenset[str]) -> Entity:
    return Entity(
        name,
        "names",
        label="DisplayName",
        names_shared="people",
        order=order,
        operations=CREATE_UPDATE,
        read_only=COMMON_READ_ONLY | PERSON_READ_ONLY | extra_read_only,
        kept=frozenset({"Active", "CurrencyRef"}),
        lengths=PERSON_LENGTHS,
        hides_inactive=True,
    )


def _sale(name: str, extra_read_only: frozenset[str] = frozenset()) -> Entity:
    return Entity(
        name,
        "transactions",
        order=None,
        operations=TRANSACTION,
        read_only=COMMON_READ_ONLY | SALE_READ_ONLY | extra_read_only,
        kept=frozenset({"DocNumber", "TxnDate", "CurrencyRef", "ExchangeRate", "LinkedTxn"}),
        required=("Line",) if name == "SalesReceipt" else ("Line", "CustomerRef"),
        lengths=SALE_LENGTHS,
        counts_lists=name == "Invoice",
    )


def _list(name: str, length: int, *, in_cdc: bool = True, read_only: bool = False) -> Entity:
    return Entity(
        name,
        name,
        label="Name",
        names_shared=name,
        operations=frozenset() if read_only else CREATE_UPDATE,
        kept=frozenset({"Active"}),
        required=("Name",),
        lengths={"Name": length},
        hides_inactive=True,
        in_cdc=in_cdc,
    )


_TABLE = (
    _person(
        "Customer", "FullyQualifiedName", frozenset({"BalanceWithJobs", "IsProject", "Balance"})
    ),
    _person("Vendor", "DisplayName", frozenset({"Balance"})),
    _person("Employee", "DisplayName", frozenset()),
    Entity(
        "Item",
        "Item",
        label="Name",
        names_shared="Item",
        order="Name",
        operations=CREATE_UPDATE,
        read_only=COMMON_READ_ONLY | {"FullyQualifiedName", "Level", "ItemGroupDetail"},
        kept=frozenset({"Active", "Type", "QtyOnHand", "InvStartDate", "ItemGroupDetail"}),
        required=("Name",),
        lengths={"Name": 100, "Sku": 100, "Description": 4000, "PurchaseDesc": 1000},
        hides_inactive=True,
    ),
    Entity(
        "Account",
        "Account",
        label="Name",
        names_shared="Account",
        order="Name",
        operations=CREATE_UPDATE,
        read_only=COMMON_READ_ONLY
        | {"FullyQualifiedName", "CurrentBalance", "CurrentBalanceWithSubAccounts"},
        kept=frozenset({"Active", "CurrencyRef", "Classification"}),
        required=("Name",),
        lengths={"Name": 100, "Description": 4000},
        hides_inactive=True,
    ),
    _sale("Invoice"),
    _sale("CreditMemo", frozenset({"RemainingCredit"})),
    _sale("SalesReceipt"),
    _sale("Estimate"),
    _sale("RefundReceipt"),
    Entity(
        "Deposit",
        "transactions",
        order=None,
        operations=CREATE_UPDATE_DELETE,
        read_only=COMMON_READ_ONLY | {"TotalAmt", "HomeTotalAmt", "LinkedTxn"},
        kept=frozenset({"TxnDate", "CurrencyRef", "ExchangeRate"}),
        required=("DepositToAccountRef", "Line"),
        lengths={"PrivateNote": 4000},
        counts_lists=True,
    ),
    Entity(
        "Payment",
        "transactions",
        order=None,
        operations=TRANSACTION,
        read_only=COMMON_READ_ONLY | {"UnappliedAmt", "LinkedTxn"},
        kept=frozenset({"TxnDate", "CurrencyRef", "ExchangeRate", "LinkedTxn"}),
        required=("CustomerRef", "TotalAmt"),
        lengths={"PrivateNote": 4000, "PaymentRefNum": 21},
    ),
    _list("Term", 31),
    _list("PaymentMethod", 31),
    _list("TaxCode", 100, in_cdc=False, read_only=True),
    _list("TaxRate", 100, in_cdc=False, read_only=True),
    Entity(
        "CompanyCurrency",
        "CompanyCurrency",
        operations=CREATE_UPDATE,
        kept=frozenset({"Active"}),
        required=("Code",),
        hides_inactive=True,
    ),
    Entity("CompanyInfo", "CompanyInfo", operations=frozenset({"update"})),
    Entity(
        "Preferences",
        "Preferences",
        operations=frozenset({"update"}),
        read_only=COMMON_READ_ONLY | {"CurrencyPrefs", "TaxPrefs"},
    ),
    Entity(
        "Attachable",
        "Attachable",
        operations=CREATE_UPDATE_DELETE,
        read_only=COMMON_READ_ONLY | {"FileAccessUri", "TempDownloadUri", "Size"},
        kept=frozenset({"FileName", "ContentType"}),
        lengths={"Note": 2000, "FileName": 1000, "Category": 100},
        in_cdc=True,
    ),
    *generated_entities.TABLE,
)

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in _TABLE}
BY_FOLDED_NAME: dict[str, Entity] = {entity.name.lower(): entity for entity in _TABLE}

# Where a reference points, and how error 2500 calls that list.
REFERENCES: dict[str, tuple[str, str]] = {
    "CustomerRef": ("Customer", "Names"),
    "ItemRef": ("Item", "Items"),
    "GroupItemRef": ("Item", "Items"),
    "IncomeAccountRef": ("Account", "Accounts"),
    "ExpenseAccountRef": ("Account", "Accounts"),
    "AssetAccountRef": ("Account", "Accounts"),
    "DepositToAccountRef": ("Account", "Accounts"),
    "DiscountAccountRef": ("Account", "Accounts"),
    "ARAccountRef": ("Account", "Accounts"),
    "SalesTermRef": ("Term", "Terms"),
    "TermRef": ("Term", "Terms"),
    "PaymentMethodRef": ("PaymentMethod", "PaymentMethods"),
    "TxnTaxCodeRef": ("TaxCode", "TaxCodes"),
    "DefaultTaxCodeRef": ("TaxCode", "TaxCodes"),
    "VendorRef": ("Vendor", "Names"),
    "PrefVendorRef": ("Vendor", "Names"),
    "EmployeeRef": ("Employee", "Names"),
    "ClassRef": ("Class", "Klasses"),
    "DepartmentRef": ("Department", "Depts"),
    **dict.fromkeys(
        (
            "AccountRef",
            "APAccountRef",
            "FromAccountRef",
            "ToAccountRef",
            "AdjustAccountRef",
            "CreditCardAccountRef",
            "BankAccountRef",
            "CCAccountRef",
        ),
        ("Account", "Accounts"),
    ),
}

# References that are answered with the name their record has today; the others with the id alone.
NAMED: dict[str, str] = {
    "CustomerRef": "Customer",
    "ItemRef": "Item",
    "GroupItemRef": "Item",
    "ItemAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "PaymentMethodRef": "PaymentMethod",
    "VendorRef": "Vendor",
    "EmployeeRef": "Employee",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "AccountRef": "Account",
    "APAccountRef": "Account",
    "FromAccountRef": "Account",
    "ToAccountRef": "Account",
    "CreditCardAccountRef": "Account",
    "BankAccountRef": "Account",
}

SHIPPING = "SHIPPING_ITEM_ID"
"""Stands for an item on the line of a form that charges for shipping."""

CURRENCIES: dict[str, str] = {
    "AUD": "Australian Dollar",
    "BRL": "Brazilian Real",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "CNY": "Chinese Yuan Renminbi",
    "DKK": "Danish Krone",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "INR": "Indian Rupee",
    "JPY": "Japanese Yen",
    "MXN": "Mexican Peso",
    "NOK": "Norwegian Krone",
    "NZD": "New Zealand Dollar",
    "PLN": "Polish Zloty",
    "SEK": "Swedish Krona",
    "SGD": "Singapore Dollar",
    "USD": "United States Dollar",
    "ZAR": "South African Rand",
}
