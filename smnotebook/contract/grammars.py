"""What a URL, an e-mail address, a catalog location and a currency code look like.

Each grammar decides one text by itself. URL and e-mail address also carry two regular expressions that settle the
ordinary cases of a whole column at once (:class:`Grammar`); what neither settles is decided one by one, so the
verdict is the same on either road. All expressions are linear: no nested repeats over the same characters.

Source: seed_product_api.txt names the Apache validators; what their default instances accept was observed and is
listed in WIRE_FACTS section 8. Where versions of that validator disagree, the lenient verdict is taken: a shop's
address refused by mistake can't be uploaded at all.
"""

from __future__ import annotations

import ipaddress
import re
import stringprep
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from smnotebook.contract.standards import find_currency

__all__ = [
    "CURRENCY",
    "EMAIL",
    "LOCATION",
    "URL",
    "Grammar",
    "is_currency",
    "is_email",
    "is_location",
    "is_url",
    "top_level_domains",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """A rule on the structure of a text.

    Attributes
    ----------
    decide : callable
        The verdict on one text, exact.
    surely_good, surely_bad : callable or None
        Give a regular expression, read the same by :mod:`re` and by RE2. A full match of the first proves the text
        good and free of advice, a match of the second at its beginning proves it bad. Callables, since the first use
        builds them.
    words : frozenset of str
        Texts that are good and need no advice, where there are few enough to be listed.
    expects : str
        Completes "must be …".
    suggestion : str
        What an analyst does about a bad one.
    advice : callable or None
        A warning for a text that is good but unwise, or None.
    """

    name: str
    decide: Callable[[str], bool]
    expects: str
    suggestion: str
    surely_good: Callable[[], str] | None = None
    surely_bad: Callable[[], str] | None = None
    advice: Callable[[str], str | None] | None = None
    words: frozenset[str] = frozenset()


@cache
def top_level_domains() -> frozenset[str]:
    """The delegated top-level domains in ASCII form; the dated list is ``tlds.txt`` beside this module."""
    text = files("smnotebook.contract").joinpath("tlds.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


# --- hosts -----------------------------------------------------------------------------------------------------

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IPV4 = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}")
_MAX_HOST = 253


def _ascii_host(host: str) -> str | None:
    """The lower-case ASCII form by IDNA 2003, None where there is none (emoji, unassigned characters)."""
    if host.isascii():
        return host.lower()
    if len(host) > _MAX_HOST or any(map(stringprep.in_table_a1, host)):
        return None
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def _is_ipv4(host: str) -> bool:
    return _IPV4.fullmatch(host) is not None and all(int(part) < 256 for part in host.split("."))


def _is_domain(host: str) -> bool:
    """A domain name under a delegated top-level domain, without a trailing dot."""
    ascii_host = _ascii_host(host)
    if ascii_host is None or len(ascii_host) > _MAX_HOST:
        return False
    labels = ascii_host.split(".")
    return len(labels) > 1 and labels[-1] in top_level_domains() and all(map(_LABEL.fullmatch, labels))


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone is a name on one machine only


# --- URLs ------------------------------------------------------------------------------------------------------

_URL = re.compile(
    r"(?:https?|ftp)://"
    r"(?P<authority>[^/?#]+)"
    r"(?P<path>(?:/[-\w:@&=+,.!/~*'%$;()]*)?)"
    r"(?:\?(?P<query>[^#]*))?"
    r"(?:#(?P<fragment>[^#]*))?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_AUTHORITY = re.compile(
    r"(?:[A-Za-z0-9%\-._~!$&'()*+,;=]+(?::[A-Za-z0-9%\-._~!$&'()*+,;=]*)?@)?"
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:@\[\]%]+))"
    r"(?::(?P<port>[0-9]{0,5}))?"
)
_NEVER = re.compile(r"[\x00-\x20\x7f\\^`{|}<>\"]|%(?![0-9A-Fa-f]{2})")


def is_url(text: str) -> bool:
    """Whether the Apache UrlValidator's default instance takes this for a URL (WIRE_FACTS section 8)."""
    found = _URL.fullmatch(text)
    if found is None or _NEVER.search(text) or _has_odd_space(text):
        return False
    return _is_authority(found["authority"]) and _is_path(found["path"])


def _has_odd_space(text: str) -> bool:
    """Unicode's own blanks and controls, which java.net.URI refuses everywhere."""
    return not text.isascii() and any(unicodedata.category(c) in {"Cc", "Zs", "Zl", "Zp"} for c in text)


def _is_authority(authority: str) -> bool:
    found = _AUTHORITY.fullmatch(authority)
    if found is None or int(found["port"] or 0) > 65_535:
        return False
    if found["ipv6"] is not None:
        return _is_ipv6(found["ipv6"])
    host = found["host"]
    return _is_ipv4(host) or _is_domain(host.removesuffix("."))


def _is_path(path: str) -> bool:
    """No empty segment in the middle, and no way up past the root."""
    if "//" in path:
        return False
    depth = 0
    for segment in path.split("/")[1:]:
        depth += {"..": -1, ".": 0, "": 0}.get(segment, 1)
        if depth < 0:
            return False
    return True


_SAFE = "[A-Za-z0-9_:@&=+,!~*'$;()-]|%[0-9A-Fa-f]{2}"


@cache
def _surely_url() -> str:
    tlds = "|".join(sorted(top_level_domains()))
    return (
        # nine labels of 24 and the longest top-level domain stay below the 253 characters a host may have
        # both cases spelled out: without regard to case, s would match the long s (U+017F) as well
        r"[hH][tT][tT][pP][sS]?://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,22}[A-Za-z0-9])?\.){1,9}"
        rf"(?:{tlds})(?::[0-9]{{1,4}})?"
        rf"(?:/(?:{_SAFE})(?:[.]|{_SAFE})*)*/?"
        rf"(?:\?(?:[./?\[\]]|{_SAFE})*)?(?:#(?:[./?]|{_SAFE})*)?"
    )


@cache
def _surely_no_url() -> str:
    # another scheme or none; a character refused everywhere; anything but ASCII in the path
    return (
        r"(?:[^hHfF]|.[^tT]|..?.?[^A-Za-z:].*|(?:[A-Za-z]{6})"
        r"|[A-Za-z]{3,5}://[^/?#]*/[^?#]*[^\x00-\x7f]"
        r"|[^\x00-\x20\x7f\\^`{|}<>\"]*[\x00-\x20\x7f\\^`{|}<>\"])"
    )


# --- e-mail addresses ------------------------------------------------------------------------------------------

# Atoms, backslash pairs and quoted strings between single dots. The local part is at most 64 characters long when
# this is asked, so the cost is bounded whatever the text.
_ATOM = r"(?:\\.|[^\s\x00-\x1f\x7f()<>@,;:\\\".\[\]])+"
_LOCAL = re.compile(rf'(?:{_ATOM}|"(?:\\"|[^"])*")(?:\.(?:{_ATOM}|"(?:\\"|[^"])*"))*')
_MAX_LOCAL = 64
_MAX_EMAIL = 254


def is_email(text: str) -> bool:
    """Whether this is one bare address (addr-spec), by WIRE_FACTS section 8: no display name, no blanks around."""
    local, at, domain = text.rpartition("@")
    if not at or not 0 < len(local) <= _MAX_LOCAL or len(text) > _MAX_EMAIL or _LOCAL.fullmatch(local) is None:
        return False
    if domain.startswith("[") and domain.endswith("]"):
        literal = domain[1:-1]
        return _is_ipv4(literal) or _is_ipv6(literal.removeprefix("IPv6:"))
    return _is_domain(domain)


@cache
def _surely_email() -> str:
    tlds = "|".join(sorted(top_level_domains()))
    return (
        r"[A-Za-z0-9_+-]{1,20}(?:\.[A-Za-z0-9_+-]{1,20}){0,2}@"
        rf"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,31}}[A-Za-z0-9])?\.){{1,3}}(?:{tlds})"
    )


def _email_advice(text: str) -> str | None:
    return "quoted local part: few systems deliver to it" if text.startswith('"') else None


# --- locations and currencies ----------------------------------------------------------------------------------

_LOCATION = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def is_location(text: str) -> bool:
    """Letters, digits and underscores, not beginning with a digit (seed_product_api.txt, catalogUpsert)."""
    return _LOCATION.fullmatch(text) is not None


def is_currency(code: str) -> bool:
    """A code a shop may use: current ISO 4217, or withdrawn from it (which earns a warning)."""
    currency = find_currency(code)
    return currency is not None and currency.status != "not for shops"


def _currency_advice(code: str) -> str | None:
    currency = find_currency(code)
    if currency is None or currency.status != "withdrawn":
        return None
    return f"{code} left ISO 4217; use {currency.successor}"


URL = Grammar(
    name="url",
    decide=is_url,
    surely_good=_surely_url,
    surely_bad=_surely_no_url,
    expects="a full URL such as https://shop.example.com/item-1",
    suggestion="Write scheme, public host and path; percent-encode blanks and letters outside ASCII in the path.",
)
EMAIL = Grammar(
    name="email",
    decide=is_email,
    surely_good=_surely_email,
    expects="one e-mail address such as name@example.com",
    suggestion="Keep the bare address: no display name, no blanks, a domain with a dot.",
    advice=_email_advice,
)
LOCATION = Grammar(
    name="location",
    decide=is_location,
    expects="letters, digits and underscores, not beginning with a digit",
    suggestion="Use a name such as shop_eu.",
)
CURRENCY = Grammar(
    name="currency",
    decide=is_currency,
    expects="an ISO 4217 code such as EUR",
    suggestion="Use the three capital letters of the currency the prices are in.",
    advice=_currency_advice,
)
