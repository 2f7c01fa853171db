"""What servers, errors and logs repeat of our secrets, taken out in every spelling they come in.

A careless server echoes a key plainly, JSON-escaped, percent-encoded, as HTML entities, in hexadecimal, or inside the
base64 of more than the key. A broken status line ends up in the HTTP library's exception, a broken header in its log.
"""

from __future__ import annotations

import html
import logging
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from smnotebook.wire.translation import chain_of
from smnotebook.wire.transport import RawAnswer

__all__ = ["Redaction"]

_SHOWN = b"***"
_MIN_LENGTH = 6  # to take out a secret of a few characters would garble any answer

# With one of these, a text may spell a secret in another way than plainly; the pattern tells whether it spells any
# visible character so.
_MARKS = (b"\\", b"%", b"&")
_ESCAPE = re.compile(rb"\\(?:u00|x)[2-7][0-9a-f]|%(?:25)*[2-7][0-9a-f]|&(?:#|amp|lt|gt|quot)|\\[/\"']", re.IGNORECASE)

# base64 of URLs, beside that of mail
_IN_URLS = bytes.maketrans(b"+/", b"-_")

# The libraries below us that log what servers send.
_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")


class Redaction:
    """Takes some secrets out of all that may be seen."""

    def __init__(self, secrets: Iterable[SecretStr]) -> None:
        values = [value for secret in secrets if len(value := secret.get_secret_value().encode()) >= _MIN_LENGTH]
        plain = [spelling for value in values for spelling in (value, value.hex().encode(), *_within_base64(value))]
        in_urls = [spelling.translate(_IN_URLS) for spelling in plain]
        self._needles = tuple({spelling.lower() for spelling in (*plain, *in_urls)})
        pattern = b"|".join(b"".join(_any_escape(byte) for byte in spelling) for spelling in plain)
        self._pattern = re.compile(pattern, re.IGNORECASE) if plain else None

    def of_bytes(self, content: bytes) -> bytes:
        """The bytes with ``***`` in the place of each secret; the same object where there is none."""
        if self._pattern is None:
            return content
        # the whole pattern takes most of a microsecond a byte, and nearly every answer holds nothing of the kind
        folded = content.lower()
        is_suspect = any(needle in folded for needle in self._needles) or (
            any(mark in content for mark in _MARKS) and _ESCAPE.search(content) is not None
        )
        return self._pattern.sub(_SHOWN, content) if is_suspect else content

    def of_text(self, text: str) -> str:
        """The same for a text."""
        return self.of_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def of_answer(self, raw: RawAnswer) -> RawAnswer:
        """The answer without our secrets; also in its headers where it is none of a success, which nobody quotes."""
        body, is_quoted = self.of_bytes(raw.body), raw.status >= 300
        if body is raw.body and not is_quoted:
            return raw
        headers = {name: self.of_text(value) for name, value in raw.headers.items()} if is_quoted else raw.headers
        return replace(raw, body=body, headers=headers)

    def scrub(self, error: BaseException) -> None:
        """Take the secrets out of an exception, and of all it was made of."""
        for link in chain_of(error):
            link.args = self._clean(link.args)
            for name, value in list(vars(link).items()):
                setattr(link, name, self._clean(value))
        if any(self._shows(link) for link in chain_of(error)):  # one that keeps what it was made of to itself
            error.__cause__ = error.__context__ = None

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                return self.of_text(value)
            case bytes():
                return self.of_bytes(value)
            case tuple() | list() if type(value) in (tuple, list):
                return type(value)(map(self._clean, value))
        return value

    def _shows(self, error: BaseException) -> bool:
        shown = f"{error} {error!r}"
        return self.of_text(shown) != shown

    @contextmanager
    def over_logs(self) -> Iterator[None]:
        """What the HTTP library logs meanwhile, in this thread, holds none of the secrets."""
        token = _IN_FORCE.set(self)
        try:
            yield
        finally:
            _IN_FORCE.reset(token)


_IN_FORCE: ContextVar[Redaction | None] = ContextVar("redaction", default=None)


def _hold_back(record: logging.LogRecord) -> bool:
    """The filter of the HTTP library's logs: lets all through, what concerns our requests without secrets."""
    redaction = _IN_FORCE.get()
    if redaction is not None:
        record.msg, record.args = redaction.of_text(record.getMessage()), None
        record.exc_info = record.exc_text = None  # its frames hold the signed request
    return True


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_hold_back)


def _within_base64(value: bytes) -> Iterator[bytes]:
    """What base64 of any longer text makes of the value: one for each of the three places it can begin at."""
    for before in range(3):
        encoded = b64encode(bytes(before) + value)
        # the characters at either end also hold bits of what stands before and behind
        yield encoded[-(-8 * before // 6) : 8 * (before + len(value)) // 6]


def _any_escape(byte: int) -> bytes:
    """A pattern for one character in each of its spellings; there may be backslashes before it."""
    character = chr(byte)
    spellings = {re.escape(character), re.escape(html.escape(character))}
    spellings.add(re.escape(character.encode("latin-1").translate(_IN_URLS).decode("latin-1")))
    spellings |= {rf"(?:u00|x|%(?:25)*){byte:02x}", rf"&#(?:0*{byte}|x0*{byte:x});"}
    return rf"\\{{0,4}}(?:{'|'.join(sorted(spellings))})".encode()
