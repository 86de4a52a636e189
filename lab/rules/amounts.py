"""Writes amounts for people: in whole units of their currency, by the exponents in the rules."""

from decimal import Decimal

from lab.rules.currencies import CURRENCIES


def format_amount(amount_minor: int | None, currency: str | None) -> str:
    """Return an amount in whole units with its currency's code; in smallest units if the currency is not one of ours.

    Args:
        amount_minor: In the currency's smallest unit, as Stripe counts it.
        currency: ISO 4217 code in lower case.
    """
    known = {one.id: one for one in CURRENCIES}
    if amount_minor is None or currency not in known:
        return f"{amount_minor} {currency} in smallest units"
    exponent = known[currency].exponent
    return f"{Decimal(amount_minor).scaleb(-exponent):.{exponent}f} {currency.upper()}"
