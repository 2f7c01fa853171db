"""Making and revoking API keys, for a change of keys without a browser.

Make a new key, keep it with :func:`smnotebook.settings.rotate`, connect with it, and revoke the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from smnotebook.contract import KeyRequest, check
from smnotebook.errors import DataError, UsageError
from smnotebook.wire import ApiKeyHeader, Transport, end_key, request_key

if TYPE_CHECKING:
    from smnotebook.client import Client

__all__ = ["Expiry", "create_key", "revoke_key"]

Expiry = Literal["NEVER", "SEVEN_DAYS", "ONE_MONTH", "THREE_MONTHS", "ONE_YEAR"]


def create_key(
    base_url: str,
    *,
    email: str,
    password: SecretStr,
    name: str,
    expiry: Expiry = "THREE_MONTHS",
    endpoint: str | None = None,
    transport: Transport | None = None,
) -> SecretStr | None:
    """A new key of a user; None where the server made one and shows it elsewhere.

    Parameters
    ----------
    email, password
        Of the user whose key it will be; neither is kept.
    name : str
        Tells the key from others in SALESmanago.
    endpoint : str, optional
        Host of the application, for users with accounts on several.

    Raises
    ------
    DataError
        A value that the API would refuse; nothing was sent.
    AuthenticationFailed
        The user or the password is wrong.
    """
    fields = {"email": email, "keyName": name, "expiry": expiry, "endpoint": endpoint}
    faults = [finding for finding in check(KeyRequest, fields) if finding.severity == "error"]
    if faults:
        listed = "\n".join(f"{fault.message}. {fault.suggestion}" for fault in faults)
        raise DataError(f"No key was asked for, since the request can't be sent as it is.\n{listed}")
    if not password.get_secret_value():
        raise UsageError("The password is empty. Give that of the user whose key it will be.")
    wire = KeyRequest.model_validate(fields).to_wire()
    return request_key(base_url, wire, password=password, transport=transport)


def revoke_key(client: Client) -> str:
    """End the key that this client sends, for good; returns the key's name, empty where the server gave none.

    Raises
    ------
    AuthenticationFailed
        The key was revoked or had expired already.
    """
    proof = client.connection.authentication
    if not isinstance(proof, ApiKeyHeader):
        raise UsageError("This client sends no API key. Connect with the profile whose key is to be revoked.")
    connection = client.connection
    answer = end_key(connection.base_url, proof.api_key, transport=connection.transport)
    return str(answer.data.get("apiKeyName") or "")
