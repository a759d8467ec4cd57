"""The types of accounts: their class, and the type that a subtype alone implies."""

from __future__ import annotations

CLASSIFICATIONS = {
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Cost of Goods Sold": "Expense",
    "Equity": "Equity",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
}
_SUBTYPES = {
    "Bank": "CashOnHand Checking MoneyMarket RentsHeldInTrust Savings TrustAccounts",
    "Accounts Receivable": "AccountsReceivable",
    "Other Current Asset": "AllowanceForBadDebts DevelopmentCosts EmployeeCashAdvances Inventory "
    "Investment_MortgageRealEstateLoans Investment_Other Investment_TaxExemptSecurities "
    "Investment_USGovernmentObligations LoansToOfficers LoansToOthers LoansToStockholders "
    "OtherCurrentAssets PrepaidExpenses Retainage UndepositedFunds",
    "Fixed Asset": "AccumulatedDepletion AccumulatedDepreciation Buildings DepletableAssets "
    "FurnitureAndFixtures Land LeaseholdImprovements MachineryAndEquipment OtherFixedAssets "
    "Vehicles",
    "Other Asset": "AccumulatedAmortizationOfOtherAssets Goodwill LeaseBuyout Licenses "
    "OrganizationalCosts OtherLongTermAssets SecurityDeposits",
    "Accounts Payable": "AccountsPayable",
    "Credit Card": "CreditCard",
    "Other Current Liability": "DeferredRevenue FederalIncomeTaxPayable GlobalTaxPayable "
    "InsurancePayable LineOfCredit LoanPayable OtherCurrentLiabilities PayrollClearing "
    "PayrollTaxPayable PrepaidExpensesPayable RentsInTrustLiability SalesTaxPayable "
    "StateLocalIncomeTaxPayable TrustAccountsLiabilities",
    "Long Term Liability": "NotesPayable OtherLongTermLiabilities ShareholderNotesPayable",
    "Equity": "AccumulatedAdjustment CommonStock OpeningBalanceEquity OwnersEquity "
    "PaidInCapitalOrSurplus PartnerContributions PartnerDistributions PartnersEquity "
    "PreferredStock RetainedEarnings TreasuryStock",
    "Income": "DiscountsRefundsGiven NonProfitIncome OtherPrimaryIncome SalesOfProductIncome "
    "ServiceFeeIncome UnappliedCashPaymentIncome",
    "Cost of Goods Sold": "CostOfLaborCos EquipmentRentalCos OtherCostsOfServiceCos "
    "ShippingFreightDeliveryCos SuppliesMaterialsCogs",
    "Other Income": "DividendIncome InterestEarned OtherInvestmentIncome "
    "OtherMiscellaneousIncome TaxExemptInterest",
}
_TYPE_OF = {subtype: kind for kind, subtypes in _SUBTYPES.items() for subtype in subtypes.split()}


def type_of(subtype: str) -> str:
    """The account type of a subtype; what no row names is an expense."""
    return _TYPE_OF.get(subtype, "Expense")
