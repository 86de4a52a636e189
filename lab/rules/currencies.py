"""The currencies that the shop accepts, with the decimals and the step of their amounts."""

from lab.rules.model import Currency

CURRENCIES = (
    Currency(id="eur", title="Euro", exponent=2, step=1),
    Currency(id="usd", title="US dollar", exponent=2, step=1),
    Currency(id="gbp", title="Pound sterling", exponent=2, step=1),
    Currency(id="chf", title="Swiss franc", exponent=2, step=1),
    Currency(id="dkk", title="Danish krone", exponent=2, step=1),
    Currency(id="nok", title="Norwegian krone", exponent=2, step=1),
    Currency(id="sek", title="Swedish krona", exponent=2, step=1),
    Currency(id="pln", title="Polish zloty", exponent=2, step=1),
    Currency(id="czk", title="Czech koruna", exponent=2, step=1),
    Currency(id="huf", title="Hungarian forint", exponent=2, step=1),
    Currency(id="cad", title="Canadian dollar", exponent=2, step=1),
    Currency(id="aud", title="Australian dollar", exponent=2, step=1),
    Currency(id="isk", title="Icelandic krona", exponent=2, step=100),
    Currency(id="jpy", title="Japanese yen", exponent=0, step=1),
    Currency(id="krw", title="South Korean won", exponent=0, step=1),
    Currency(id="bhd", title="Bahraini dinar", exponent=3, step=10),
    Currency(id="jod", title="Jordanian dinar", exponent=3, step=10),
    Currency(id="kwd", title="Kuwaiti dinar", exponent=3, step=10),
    Currency(id="omr", title="Omani rial", exponent=3, step=10),
    Currency(id="tnd", title="Tunisian dinar", exponent=3, step=10),
)
