"""The one account of a sandbox, and the API keys that open it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from smnotebook.sandbox.store.database import Database, Rows

__all__ = ["Account", "KeyState", "add_key", "is_valid_key", "key_state", "open_account", "revoke_key"]

OWNER = "owner@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who owns the sandbox: what API v2, the login chain and the security seed ask for.

    Attributes
    ----------
    owner : str
        E-mail address of the account's owner, also its user name.
    client_id : str
        Public identifier of the account (API v2).
    api_secret : SecretStr
        32 characters, as the security seed describes it.
    password : SecretStr
        Password of the owner, for the login chain and for new keys.
    """

    owner: str
    client_id: str
    api_secret: SecretStr
    password: SecretStr

    def sign(self, api_key: str) -> str:
        """The ``sha`` of a v2 body: lower-case SHA-1 over key, client and secret (WIRE_FACTS 1)."""
        text = api_key + self.client_id + self.api_secret.get_secret_value()
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def open_account(database: Database) -> Account:
    """The account of this database, made on the first opening."""
    drawn = {
        "owner": OWNER,
        "client_id": secrets.token_hex(8),
        "api_secret": secrets.token_hex(16),
        "password": secrets.token_urlsafe(12),
    }
    with database.transaction() as rows:
        rows.executemany("INSERT OR IGNORE INTO account VALUES (?, ?)", drawn.items())
        kept = dict(rows.execute("SELECT name, value FROM account"))
    return Account(
        owner=kept["owner"],
        client_id=kept["client_id"],
        api_secret=SecretStr(kept["api_secret"]),
        password=SecretStr(kept["password"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """What the account knows about one key."""

    name: str
    expires_at: float | None
    revoked_at: float | None

    def is_valid(self, now: float) -> bool:
        """Whether it opens the account at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def add_key(rows: Rows, key: str, *, name: str, now: float, expires_at: float | None = None) -> None:
    """Let a key in. Only its hash is kept; a key given again is valid again."""
    rows.execute(
        "INSERT INTO keys VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET expires_at = NULL, revoked_at = NULL",
        (hash_key(key), name, now, expires_at),
    )


def key_state(rows: Rows, key: str) -> KeyState | None:
    """What is known about a key, None where it was never let in."""
    found = rows.execute("SELECT name, expires_at, revoked_at FROM keys WHERE key_hash = ?", (hash_key(key),))
    row = found.fetchone()
    return None if row is None else KeyState(name=row[0], expires_at=row[1], revoked_at=row[2])


def is_valid_key(database: Database, key: str, now: float) -> bool:
    """Whether a key opens the account now."""
    with database.reading() as rows:
        found = key_state(rows, key)
    return found is not None and found.is_valid(now)


def revoke_key(rows: Rows, key: str, now: float) -> None:
    """End a key."""
    rows.execute("UPDATE keys SET revoked_at = ? WHERE key_hash = ?", (now, hash_key(key)))


def hash_key(key: str) -> str:
    """The form in which a key is stored."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
