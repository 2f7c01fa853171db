"""Personal data kept short on screens and out of files: shortened addresses, and keyed hashes in their place.

A plain hash of an e-mail address is no protection, since addresses can be guessed; with a key that stays on this
machine the ledger can be handed to somebody else and says nothing about anybody.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NoReturn

from smnotebook.contract.event_drafts import PERSONAL_FIELDS
from smnotebook.contract.event_identity import compared_address
from smnotebook.errors import LedgerError, UsageError
from smnotebook.private_files import make_private_file

__all__ = ["Pseudonyms", "mask_texts", "masked", "shorten"]

_KEY_BYTES = 32
_DIGEST_BYTES = 16
_PARTED = "\x1f"

# Whatever has the look of an address, generously: what is hidden by mistake does no harm.
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:|\[\]]+@[^\s@<>\"'(),;:|\[\]]+")


def shorten(text: object) -> str:
    """Enough of an address to tell which one is meant, for those who know it: ``c…@example.com``."""
    local, at, domain = str(text).rpartition("@")
    return f"{local[:1]}…@{domain}" if at else f"{str(text)[:1]}…"


def mask_texts(text: str) -> str:
    """A text with every e-mail address in it shortened; servers repeat addresses in their errors."""
    return _ADDRESS.sub(lambda found: shorten(found[0]), text)


def masked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A request's fields with all that says who the contact is shortened."""
    return {name: _hidden(value) if name in PERSONAL_FIELDS else _inside(name, value) for name, value in fields.items()}


def _inside(name: str, value: Any) -> Any:
    if name == "contact" and isinstance(value, Mapping):
        return masked(value)
    return [masked(entry) for entry in value] if name in ("events", "upsertDetails") else value


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _hidden(member) for name, member in value.items()}
    return shorten(value)


class Pseudonyms:
    """Stands for personal data by a keyed hash: the same for the same text, and no way back.

    Parameters
    ----------
    key : bytes
        32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def open(cls, path: Path) -> Pseudonyms:
        """Those of the key in this file, which is made on first use and readable by its owner alone.

        Raises
        ------
        LedgerError
            The file can't be read or made, or holds no key.
        """
        try:
            make_private_file(path, secrets.token_bytes(_KEY_BYTES))
            key = path.read_bytes()
        except OSError as error:
            raise LedgerError(
                f"The key for personal data in {path} can't be used: {error.strerror}. Check the rights of its folder, "
                "or choose another one with SMNOTEBOOK_HOME."
            ) from error
        if len(key) != _KEY_BYTES:
            raise LedgerError(f"{path} holds no key. Delete it: events sent before are then not recognised any more.")
        return cls(key)

    def digest(self, *parts: str) -> bytes:
        """16 bytes that stand for the parts together."""
        content = _PARTED.join(parts).encode("utf-8", "surrogatepass")
        return blake2b(content, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def name(self, *parts: str) -> str:
        """The same as 32 hexadecimal digits."""
        return self.digest(*parts).hex()

    def contact(self, email_or_id: str) -> bytes:
        """16 bytes that stand for a contact, however the address is written."""
        return self.digest("contact", compared_address(email_or_id))

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise UsageError("Pseudonyms hold a key and can't be pickled. Open them where they are needed.")
