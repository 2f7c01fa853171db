"""Where requests may go: https anywhere, plain http to this machine only."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from smnotebook.errors import UsageError

__all__ = ["checked_base_url", "is_loopback", "is_loopback_url"]


def is_loopback(host: str) -> bool:
    """Whether a host name or address stands for this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether a checked base URL leads to this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def checked_base_url(text: str) -> str:
    """A base URL without its trailing slash.

    Raises
    ------
    UsageError
        It is no URL, is plain http to another machine, or carries a password or a query.
    """
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("base_url is no URL. Write it like https://api.salesmanago.com.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError("base_url needs a scheme and a host. Write it like https://api.salesmanago.com.")
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError("base_url must hold no user, query or fragment. Write scheme, host and path only.")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"base_url would send the key to {host} unencrypted. Use https://; http is for loopback only.")
    return text.strip().rstrip("/")
