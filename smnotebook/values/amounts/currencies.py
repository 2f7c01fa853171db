"""Currencies as shops write them, and how many decimals their prices have in practice."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.standards import currencies
from smnotebook.values.cells import as_text

__all__ = [
    "NO_CURRENCY",
    "THREE_DECIMALS",
    "WITHOUT_CENTS",
    "currencies_in",
    "currency_in_name",
    "currency_of",
    "is_about",
    "is_currency_column",
]

# Our own list, of 2026-11-28. ISO 4217 counts minor units that exist on paper only (HUF, IDR, COP have two); prices
# follow what is paid with. The practice is that of Unicode CLDR, which gives these currencies no digits, in general or
# in cash (common/supplemental/supplementalData.xml, currencyData, fractions). CZK, SEK, NOK, DKK and TWD are rounded in
# cash and still priced with decimals, so they are left out.
#: Priced without cents: three digits behind a mark are a group.
WITHOUT_CENTS = frozenset(
    {
        "AFN", "ALL", "BIF", "CLP", "COP", "CRC", "DJF", "GNF", "HUF", "IDR", "IQD", "IRR", "ISK", "JPY", "KMF", "KPW",
        "KRW", "LAK", "LBP", "MGA", "MMK", "PYG", "RSD", "RWF", "SLL", "SOS", "SYP", "TZS", "UGX", "UZS", "VND", "VUV",
        "XAF", "XOF", "XPF", "YER",
    }
)  # fmt: skip
#: Priced in thousandths: three digits behind a mark are decimals. ISO 4217 gives them, and IQD, three.
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "LYD", "OMR", "TND"})

# "" stands for a sign that several currencies share: it makes a text an amount and says nothing about cents.
_SIGNS = {
    "": "", "$": "", "¥": "", "￥": "", "円": "JPY", "元": "CNY", "kr": "", "kr.": "", "£": "GBP", "€": "EUR",
    "zł": "PLN", "zl": "PLN", "zł.": "PLN", "zl.": "PLN", "złoty": "PLN", "zloty": "PLN", "złote": "PLN",
    "złotych": "PLN", "zlotych": "PLN", "euro": "EUR", "euros": "EUR", "eur.": "EUR", "us$": "USD", "$us": "USD",
    "usd$": "USD", "us dollar": "USD", "us dollars": "USD", "dollar": "", "dollars": "", "ca$": "CAD", "c$": "CAD",
    "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD", "nt$": "TWD", "s$": "SGD", "mx$": "MXN", "r$": "BRL",
    "pound": "", "pounds": "", "kč": "CZK", "kc": "CZK", "kčs": "CZK", "korun": "CZK", "ft": "HUF", "ft.": "HUF",
    "forint": "HUF", "lei": "RON", "leu": "RON", "fr": "CHF", "fr.": "CHF", "sfr": "CHF", "sfr.": "CHF", "₴": "UAH",
    "грн": "UAH", "грн.": "UAH", "лв": "BGN", "лв.": "BGN", "₺": "TRY", "tl": "TRY", "₽": "RUB", "руб": "RUB",
    "руб.": "RUB", "р.": "RUB", "₹": "INR", "rs": "", "rs.": "", "₩": "KRW", "원": "KRW", "₫": "VND", "đ": "VND",
    "₪": "ILS", "₱": "PHP", "฿": "THB", "rp": "IDR", "rp.": "IDR", "rm": "MYR", "s/": "PEN", "s/.": "PEN", "din": "RSD",
    "din.": "RSD", "дин.": "RSD", "kn": "HRK",
}  # fmt: skip
# Signs that a column's name may carry; short words such as fr or rs mean other things there.
_NAME_SIGNS = {
    sign: code for sign, code in _SIGNS.items() if code and (not sign.isascii() or sign in {"ft", "zl", "lei"})
}
# Codes that are words as well; in a name they count only in capitals.
_WORDS = {"ALL", "BAM", "BOB", "COP", "CUP", "GEL", "LAK", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"}
#: Stands for a cell of a currency column that is no currency: the column is about something else.
NO_CURRENCY = "?"
_CURRENCY_COLUMNS = {
    "currency", "currencycode", "currencyiso", "isocurrency", "pricecurrency", "waluta", "währung", "waehrung",
    "devise", "moneda", "divisa", "valuta", "valută", "měna", "mena", "pénznem", "penznem",
}  # fmt: skip


def currency_of(before: str, after: str) -> str | None:
    """The currency that the words around a number name; "" where they name none, None where they are no currency."""
    found = []
    for word in (before, after):
        folded = " ".join(word.split())
        code = folded.upper() if folded.upper() in currencies() else _SIGNS.get(folded.lower())
        if code is None:
            return None
        found.append(code)
    named = {code for code in found if code}
    return None if len(named) > 1 else next(iter(named), "")


def currency_in_name(name: str) -> str:
    """The currency in a column's name, "" where there is none: ``Cena (PLN)``, ``price_huf``, ``Preis €``."""
    for word in re.findall(r"[^\W\d_]+|[^\w\s()\[\]{}.,:;/\-]", name):
        code = word.upper()
        known = currencies().get(code)
        if known is not None and known.status == "active" and (word.isupper() or code not in _WORDS):
            return known.code
        if word.lower() in _NAME_SIGNS:
            return _NAME_SIGNS[word.lower()]
    return ""


def is_currency_column(name: str) -> bool:
    """Whether a column of this name says in which currency the prices of its row are."""
    return re.sub(r"[\s_\-]", "", re.split(r"[.@:]", name.lower())[-1]) in _CURRENCY_COLUMNS


def is_about(currency_column: str, column: str) -> bool:
    """Whether a currency column speaks of this one: ``price@currency`` of ``price`` and ``price.gross`` alone."""
    owner = re.split(r"[.@](?=[^.@]*$)", currency_column)[0] if re.search(r"[^.@].*[.@]", currency_column) else ""
    return not owner or column == owner or column.startswith((f"{owner}.", f"{owner}@"))


def currencies_in(column: pa.Array) -> frozenset[str]:
    """The currencies that the cells of a currency column name, and :data:`NO_CURRENCY` where one names none."""
    codes = (currency_of(text, "") for text in pc.unique(as_text(column).drop_null()).to_pylist())
    return frozenset(code or NO_CURRENCY for code in codes)
