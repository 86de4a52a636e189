"""Writes amounts for the pages."""

from decimal import Decimal

# Source: docs.stripe.com/currencies
_WHOLE = {
    "bif",
    "clp",
    "djf",
    "gnf",
    "jpy",
    "kmf",
    "krw",
    "mga",
    "pyg",
    "rwf",
    "ugx",
    "vnd",
    "vuv",
    "xaf",
    "xof",
    "xpf",
}
_THOUSANDTHS = {"bhd", "jod", "kwd", "omr", "tnd"}


def write_amount(amount_minor: int, currency: str) -> str:
    """Return an amount in whole units, with its currency's code.

    Args:
        amount_minor: In the currency's smallest unit.
        currency: ISO 4217 code in lower case.
    """
    exponent = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return f"{Decimal(amount_minor).scaleb(-exponent):.{exponent}f} {currency.upper()}"
