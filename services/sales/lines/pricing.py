"""From what somebody asks for to lines with prices and taxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from chassis.errors import FieldError, Invalid
from chassis.i18n import Text, say
from chassis.ids import new_id
from events.sales import Line, Totals
from services.sales.lines.model import Priced
from services.sales.lines.totals import net_of, with_taxes
from services.sales.products.model import Product
from services.sales.products.queries import products_with
from services.sales.taxes.queries import Taxes, UnknownTaxCode, taxes_of


@dataclass(slots=True, frozen=True)
class Wanted:
    """A line as somebody asks for it: of a product, or free with a name, a unit, a price and a tax of its own."""

    quantity: Decimal
    id: str | None = None
    product_id: str | None = None
    name: str | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    tax_code: str | None = None
    supplier: str | None = None
    delivery_on: date | None = None


class Unpriceable(Invalid):
    """A line cannot be priced as it is asked for."""

    code = "line_not_priceable"


def price(
    tx: Session, wanted: Sequence[Wanted], *, currency: str, discount_percent: Decimal, day: date
) -> tuple[tuple[Line, ...], Totals]:
    """These lines at what they cost on this day, and their totals.

    Raises Unpriceable that names every line that has no product, price or tax, UnknownTaxCode or AmountTooLarge.
    """
    products = products_with(tx, [line.product_id for line in wanted if line.product_id])
    pricing = _Pricing(taxes_of(tx), products, currency, discount_percent, day)
    lines = [pricing.line(number, line) for number, line in enumerate(wanted)]
    if pricing.errors:
        raise Unpriceable(pricing.errors[0].message, errors=pricing.errors)
    return with_taxes([line for line in lines if line], currency)


class _Pricing:
    """Prices the lines of one document and collects what is wrong with them."""

    def __init__(
        self, taxes: Taxes, products: Mapping[str, Product], currency: str, discount_percent: Decimal, day: date
    ) -> None:
        self.taxes, self.products, self.currency, self.day = taxes, products, currency, day
        self.discount_percent = discount_percent
        self.errors: list[FieldError] = []
        self.taken: set[str] = set()

    def line(self, number: int, wanted: Wanted) -> Line | None:
        product = self.products.get(wanted.product_id) if wanted.product_id else None
        if wrong := self._wrong(wanted, product):
            self.errors.append(FieldError(f"/lines/{number}/{wrong[0]}", wrong[1]))
            return None
        unit_price = self._price(wanted, product)
        code = wanted.tax_code or (product.tax_code if product else "")
        try:
            tax = self.taxes.on(code, self.day)
        except UnknownTaxCode as error:
            raise UnknownTaxCode(
                error.detail, errors=[FieldError(f"/lines/{number}/tax_code", error.detail)]
            ) from error
        discounts = (wanted.discount_percent, self.discount_percent)
        return Line(
            id=self._id(wanted),
            product_id=product.id if product else None,
            code=product.code if product else None,
            name=wanted.name or (product.name if product else ""),
            unit=wanted.unit or (product.unit if product else ""),
            quantity=wanted.quantity,
            unit_price=unit_price,
            discount_percent=wanted.discount_percent,
            tax_code=tax.code,
            tax_rate=tax.rate,
            net=net_of(wanted.quantity, unit_price, *discounts, currency=self.currency),
            tax=Decimal(0),
            supplier=wanted.supplier or (product.supplier if product else None),
            delivery_on=wanted.delivery_on,
        )

    def _wrong(self, wanted: Wanted, product: Product | None) -> tuple[str, Text] | None:
        if wanted.product_id and product is None:
            return "product_id", say("There is no such product.")
        if product is not None:
            if not product.active:
                return "product_id", say("This product is not sold any more.")
            if wanted.unit_price is None and product.currency != self.currency:
                return "unit_price", say("The product's price is in another currency: give one.")
            return None
        missing = [name for name in ("name", "unit", "unit_price", "tax_code") if getattr(wanted, name) is None]
        return (missing[0], say("A line without a product needs this.")) if missing else None

    def _price(self, wanted: Wanted, product: Product | None) -> Decimal:
        if wanted.unit_price is not None:
            return wanted.unit_price
        return product.price if product else Decimal(0)

    def _id(self, wanted: Wanted) -> str:
        line_id = wanted.id if wanted.id and wanted.id not in self.taken else new_id()
        self.taken.add(line_id)
        return line_id


def copied(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The same lines for another document, under ids of their own."""
    return tuple(line.model_copy(update={"id": new_id()}) for line in lines)


def discounted(lines: Sequence[Line], *, currency: str, discount_percent: Decimal) -> tuple[tuple[Line, ...], Totals]:
    """The same lines at the same prices under another discount on the whole; raises AmountTooLarge."""
    nets = [
        net_of(line.quantity, line.unit_price, line.discount_percent, discount_percent, currency=currency)
        for line in lines
    ]
    changed = [line.model_copy(update={"net": net}) for line, net in zip(lines, nets, strict=True)]
    return with_taxes(changed, currency)


def charge(
    tx: Session, document: Priced, *, wanted: Sequence[Wanted] | None, discount_percent: Decimal | None, day: date
) -> None:
    """Give a document these lines, this discount, or both; what is None stays. Raises what ``price`` raises."""
    percent = document.discount_percent if discount_percent is None else discount_percent
    if wanted is not None:
        priced = price(tx, wanted, currency=document.currency, discount_percent=percent, day=day)
    elif percent != document.discount_percent:
        priced = discounted(document.priced_lines, currency=document.currency, discount_percent=percent)
    else:
        return
    document.discount_percent = percent
    document.charge(*priced)
