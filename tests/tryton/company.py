"""Makes a company in an empty Tryton; run by Tryton's own Python: ``company.py CONFIG DATABASE PASSWORD``.

VND, the English chart, fiscal years 2026 and 2027, VAT of 8 and 10 %, a bank journal that pays, and the user
``relata`` who may sell, invoice and pay.
"""

import datetime
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company


def main(config_file: str, database: str, password: str) -> None:
    config.set_trytond(database, user="admin", config_file=config_file)
    currency = Model.get("currency.currency")(
        name="Đồng Việt Nam", code="VND", symbol="₫", digits=0, rounding=Decimal(1)
    )
    currency.save()
    party = Model.get("party.party")(name="Công ty TNHH An Thịnh")
    party.save()
    create_company(party=party, currency=currency)
    company = get_company()
    create_chart(company)
    for year in (2026, 2027):
        span = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        fiscal_year = create_fiscalyear(company, today=span)
        fiscal_year.name = str(year)
        set_fiscalyear_invoice_sequences(fiscal_year).save()
        fiscal_year.click("create_period")
    accounts = get_accounts(company)
    for rate in (8, 10):
        tax = create_tax(Decimal(rate) / 100, company)
        tax.name = tax.description = f"VAT {rate}%"
        tax.save()
    method = Model.get("account.invoice.payment.method")()
    method.name = "Chuyển khoản"
    method.journal = Model.get("account.journal").find([("type", "=", "cash")], limit=1)[0]
    method.credit_account = method.debit_account = accounts["cash"]
    method.save()
    user = Model.get("res.user")(name="Relata", login="relata", password=password)
    user.companies.append(company)
    user.company = company
    for group in Model.get("res.group").find([]):
        user.groups.append(group)
    user.save()


if __name__ == "__main__":
    main(*sys.argv[1:])
