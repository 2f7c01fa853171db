"""What a profile is, when its key is old, and how profiles are kept in a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from smnotebook.contract import HOURLY_LIMITS, KEY_AGE_LIMIT_DAYS, Authentication, Plan
from smnotebook.errors import UsageError
from smnotebook.private_files import make_private_folder
from smnotebook.wire import checked_base_url, is_loopback_url

__all__ = [
    "KEY_AGE_ADVICE_DAYS",
    "PROPOSED_BASE_URL",
    "Profile",
    "key_age_advice",
    "make_profile",
    "read_profiles",
    "write_profiles",
]

#: Where the official client finds API v3 (WIRE_FACTS section 1); a profile may say otherwise.
PROPOSED_BASE_URL = "https://api.salesmanago.com"

#: Age from which a word is said about a key; the rule is KEY_AGE_LIMIT_DAYS.
KEY_AGE_ADVICE_DAYS = 80


class Profile(BaseModel):
    """One account at one server; holds no secret.

    Attributes
    ----------
    plan : str
        ``professional``, ``enterprise``, ``custom`` (then ``hourly_limit`` says how many requests), or ``none`` for
        no quota.
    owner, client_id : str or None
        Needed by the signed body; the owner also by the secret in the body.
    events_url : str or None
        Where API v2 with its contacts and events is, such as ``https://app2.salesmanago.pl``; None where the sandbox
        serves both, or ``base_url`` is that of API v2 itself.
    test_addresses : tuple of str
        E-mail addresses that events may go to without being asked about; ``@example.com`` stands for all of a domain.
    key_created : date or None
        When the key was made; None where nobody said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")
    base_url: str = PROPOSED_BASE_URL
    plan: Plan = "none"
    hourly_limit: int | None = Field(None, gt=0)
    authentication: Authentication = Authentication.API_KEY_HEADER
    owner: str | None = Field(None, repr=False)
    client_id: str | None = Field(None, repr=False)
    events_url: str | None = None
    test_addresses: tuple[str, ...] = Field((), repr=False)
    key_created: date | None = None

    @field_validator("base_url", "events_url")
    @classmethod
    def _checked(cls, text: str | None) -> str | None:
        return None if text is None else checked_base_url(text)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Profile:
        if self.plan == "custom" and self.hourly_limit is None:
            raise ValueError("plan 'custom' needs hourly_limit, the requests an hour agreed with SALESmanago")
        needed = {Authentication.SIGNED_BODY: ("owner", "client_id"), Authentication.SECRET_BODY: ("owner",)}
        absent = [name for name in needed.get(self.authentication, ()) if not getattr(self, name)]
        if absent:
            raise ValueError(f"authentication by {self.authentication.value} needs {' and '.join(absent)}")
        return self

    @property
    def is_live(self) -> bool:
        """Whether requests leave this machine."""
        return not is_loopback_url(self.base_url)

    @property
    def requests_per_hour(self) -> int | None:
        """The quota; None for none."""
        return HOURLY_LIMITS[self.plan] if self.hourly_limit is None else self.hourly_limit


def make_profile(fields: Mapping[str, Any]) -> Profile:
    """A profile from its fields.

    Raises
    ------
    UsageError
        Names each field that is wrong.
    """
    try:
        return Profile.model_validate(dict(fields))
    except ValidationError as refused:
        faults = "; ".join(
            f"{'.'.join(map(str, error['loc'])) or 'profile'}: {error['msg'].removeprefix('Value error, ')}"
            for error in refused.errors(include_url=False, include_input=False, include_context=False)
        )
    raise UsageError(f"This is no profile: {faults}.")


def key_age_advice(profile: Profile, *, today: date | None = None) -> str | None:
    """A sentence about a key that is old or soon will be; None where it is young or its day is not known."""
    if profile.key_created is None:
        return None
    days = ((today or date.today()) - profile.key_created).days
    if days < KEY_AGE_ADVICE_DAYS:
        return None
    left = KEY_AGE_LIMIT_DAYS - days
    due = "is due" if left <= 0 else f"is due in {left} {'day' if left == 1 else 'days'}"
    return (
        f"The key of the profile {profile.name!r} is {days} days old; "
        f"its change after {KEY_AGE_LIMIT_DAYS} days {due}. Make a new one in SALESmanago and call rotate()."
    )


def read_profiles(path: Path) -> dict[str, dict[str, Any]]:
    """The fields of each saved profile by its name; none where there is no file.

    Raises
    ------
    UsageError
        The file can't be read, or is damaged.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        profiles = document["profiles"]
        return {name: dict(fields) for name, fields in profiles.items()}
    except FileNotFoundError:
        return {}
    except OSError as fault:
        raise UsageError(
            f"The profiles in {path} can't be read: {fault.strerror}. "
            "Check the file's rights, or choose another folder with SMNOTEBOOK_HOME."
        ) from fault
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{path} is damaged. Mend it by hand, or delete it and save your profiles again.") from None


def write_profiles(path: Path, profiles: Mapping[str, Mapping[str, Any]]) -> None:
    """Write all profiles in place of those there.

    Raises
    ------
    UsageError
        The folder can't be written to.
    """
    text = json.dumps({"version": 1, "profiles": profiles}, indent=2, sort_keys=True)
    try:
        make_private_folder(path.parent)
        # written beside and moved over, so that no reader ever sees half a file
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
            draft.write(text + "\n")
        Path(draft.name).replace(path)
    except OSError as fault:
        raise UsageError(
            f"The profiles can't be written to {path}: {fault.strerror}. Choose another folder with SMNOTEBOOK_HOME."
        ) from fault
