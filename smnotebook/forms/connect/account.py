"""A new account as it stands in the form's fields: read and checked."""

from __future__ import annotations

import re
from datetime import date

from smnotebook.errors import UsageError
from smnotebook.forms.entries import Entries
from smnotebook.profiles import PROPOSED_BASE_URL, Profile, make_profile

__all__ = ["API_KEY", "API_SECRET", "EVENT_FIELDS", "SANDBOX", "day_of", "errors_in", "first_values", "profile_of"]

SANDBOX = "sandbox"

#: Fields that hold secrets.
API_KEY, API_SECRET = "api_key", "api_secret"

#: What API v2, which carries contacts and events, needs besides its secret, and what it is called.
EVENT_FIELDS = {"events_url": "Events server", "client_id": "Client id", "owner": "Owner"}


def first_values(where: str, today: date) -> dict[str, str | bool]:
    """What stands in the fields before anybody types."""
    return {
        "where": where,
        "name": "live",
        "base_url": PROPOSED_BASE_URL,
        "plan": "none",
        "hourly_limit": "",
        "keep": "keyring",
        "key_created": today.isoformat(),
        API_KEY: False,
        API_SECRET: False,
        **dict.fromkeys(EVENT_FIELDS, ""),
    }


def errors_in(entries: Entries, today: date) -> dict[str, str]:
    """What is wrong with each field, in words."""
    checks = {
        "name": _name_error(entries.text("name")),
        "base_url": _url_error(entries.text("base_url")),
        "hourly_limit": _hourly_limit_error(entries),
        "key_created": _day_error(day_of(entries), today),
        **_event_errors(entries),
    }
    return {name: error for name, error in checks.items() if error}


def profile_of(entries: Entries) -> Profile:
    """The account.

    Raises
    ------
    UsageError
        A field is wrong; :func:`errors_in` says which.
    """
    is_custom = entries.text("plan") == "custom"
    return make_profile(
        {
            "name": entries.text("name"),
            "base_url": entries.text("base_url"),
            "plan": entries.text("plan"),
            "hourly_limit": entries.text("hourly_limit") if is_custom else None,
            "key_created": day_of(entries),
            **{name: entries.text(name) or None for name in EVENT_FIELDS},
        }
    )


def day_of(entries: Entries) -> date | None:
    """The day on which the key was made; None where the field holds none."""
    try:
        return date.fromisoformat(entries.text("key_created"))
    except ValueError:
        return None


def _name_error(name: str) -> str:
    if name == SANDBOX:
        return "This name is the sandbox's. Choose another."
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]{0,31}", name):
        return "Use 1 to 32 letters, digits, hyphens and underscores; begin with a letter."
    return ""


def _url_error(url: str) -> str:
    try:
        make_profile({"name": "trial", "base_url": url})
    except UsageError as error:
        return str(error).removeprefix("This is no profile: base_url: ")
    return ""


def _hourly_limit_error(entries: Entries) -> str:
    text = entries.text("hourly_limit")
    if entries.text("plan") == "custom" and not (text.isdecimal() and int(text) > 0):
        return "Give the requests an hour that your contract names, as a whole number."
    return ""


def _day_error(created: date | None, today: date) -> str:
    if created is None:
        return "Give a day, such as 2026-01-31."
    return "This day is still to come." if created > today else ""


def _event_errors(entries: Entries) -> dict[str, str]:
    """All of it or none: a part is of no use."""
    filled = {name: entries.text(name) for name in EVENT_FIELDS}
    if not any(filled.values()) and not entries.ticked(API_SECRET):
        return {}
    errors = {name: "" if value else "Events need this too." for name, value in filled.items()}
    if filled["events_url"]:
        errors["events_url"] = _url_error(filled["events_url"])
    if not entries.ticked(API_SECRET):
        errors[API_SECRET] = "Events need this too."
    return errors
