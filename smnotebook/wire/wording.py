"""The words for answers that are no success. A server's own text is cut to one harmless line before it is repeated."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from smnotebook.contract import ReasonCode
from smnotebook.errors import AuthenticationFailed, Refused
from smnotebook.wire.transport import RawAnswer

__all__ = ["advice_on", "describe_body", "is_from_a_front", "one_line"]

_MAX_TEXT = 300
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,200})<", re.IGNORECASE)
_FRONT = re.compile(rb"error code: ([0-9]{3,5})")

_ADVICE = {
    ReasonCode.AUTHENTICATION: "Check that the key is right, not expired and not revoked.",
    ReasonCode.EXCEEDS_LIMIT: "Shorten or correct these fields.",
    ReasonCode.MISSING: "Fill the missing fields.",
    ReasonCode.WRONG_TYPE: "Give these fields the type asked for.",
    ReasonCode.NOT_UNIQUE: "Choose a value that is not in use yet.",
    ReasonCode.UNKNOWN_IDENTIFIER: "Look the id up again: client.catalogs() lists those that exist.",
    ReasonCode.REQUIRED_IS_NULL: "Fill the fields that are null.",
    ReasonCode.WRONG_STRUCTURE: "Bring these fields into the form asked for.",
    ReasonCode.ABOVE_QUOTA: "Delete what is no longer needed, or ask SALESmanago for more.",
}


def advice_on(codes: Collection[int | None], kind: type[Refused]) -> str:
    """What to do about these reason codes."""
    if kind is AuthenticationFailed:
        return _ADVICE[ReasonCode.AUTHENTICATION]
    known = [advice for code, advice in _ADVICE.items() if int(code) in codes]
    return " ".join(known) or "The documentation knows no such reason; the text above is the server's own."


def one_line(text: Any) -> str:
    """Any value as one printable line of bounded length: no control, escape or direction characters."""
    shown = text if isinstance(text, str) else f"{type(text).__name__} instead of a text"
    shown = shown[: 2 * _MAX_TEXT]
    harmless = shown
    if not shown.isprintable():
        harmless = "".join(character if character.isprintable() else " " for character in shown)
    return re.sub(r" {2,}", " ", harmless).strip()[:_MAX_TEXT]


def is_from_a_front(raw: RawAnswer) -> bool:
    """Whether a protective front answered in place of the API (WIRE_FACTS section 1)."""
    return _FRONT.search(raw.body[:500]) is not None


def describe_body(raw: RawAnswer, document: Mapping[str, Any] | None) -> str:
    """What came instead of a success, and what to do."""
    if 300 <= raw.status < 400:
        return f"a redirect{_target(raw)}; it is not followed, so that no key goes astray. Correct the base_url"
    if document is not None:
        return f"JSON that is neither a success nor a known error.{_next_step(raw.status)}"
    if front := _FRONT.search(raw.body[:500]):
        return (
            f"'error code: {int(front[1])}' from a protective front instead of the API: it blocks this client or "
            "network. Try from another network, or ask SALESmanago to let it through"
        )
    return _shape(raw.body) + _next_step(raw.status)


def _target(raw: RawAnswer) -> str:
    try:
        parts = urlsplit(raw.headers.get("location", ""))
        host = parts.hostname
    except ValueError:
        return ""
    return f" to {one_line(parts.scheme)}://{one_line(host)}" if host else ""


def _shape(body: bytes) -> str:
    stripped = body.strip()
    if not stripped:
        return "an empty body."
    if stripped.startswith(b"<"):
        title = _TITLE.search(stripped[:5000])
        named = f" titled '{one_line(unescape(title[1].decode(errors='replace')))}'" if title else ""
        return f"a web page{named} instead of JSON."
    if stripped.startswith((b"{", b"[")):
        return "JSON that is cut off, broken or no object."
    return "text that is no JSON object."


def _next_step(status: int) -> str:
    if status == 404:
        return " There is no such path at this base_url: check it"
    if status == 405:
        return " This base_url does not take the call: check it"
    if status == 407:
        return " The proxy wants a name and a password: check HTTPS_PROXY"
    if status == 413:
        return " The request is too large: send fewer records at once"
    if 400 <= status < 500:
        return " Check the base_url"
    return " It was not taken for a success; try again later"
