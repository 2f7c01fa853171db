"""Events and contacts as an analyst makes them: checked when they are made, shortened when they are shown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from smnotebook.contract import Record, Violation, check
from smnotebook.contract.event_drafts import PERSONAL_FIELDS, ContactRow, EventDraft
from smnotebook.contract.event_fields import Ambiguous, When
from smnotebook.contract.fields import Broken, is_missing
from smnotebook.errors import DataError, UsageError
from smnotebook.events.personal import shorten

__all__ = ["Contact", "Event", "check_event", "fault_lines"]

#: Fields that a repr shows; the others may hold anything and are only counted.
_SHOWN = ("type", "email", "contactId", "date", "value", "currency", "products", "location", "externalId")


class Event(EventDraft):
    """One external event: what a contact did.

    Parameters
    ----------
    type : str
        PURCHASE, CART, VISIT and so on.
    email, contactId : str
        Whose event it is; one of the two.
    date : datetime, date, str or int
        When it happened; milliseconds if a number. Left out, it is the moment of sending.
    timezone : str
        Zone of a date that names none, such as ``Europe/Warsaw``.
    ambiguous : {"earlier", "later"}
        Which one such a date is that came twice, when clocks went back in autumn.
    value : number
        Total, without a currency symbol.
    currency : str
        ISO 4217 code. API v2 has no field for it: choose a detail with ``carry={"currency": "detail9"}``.
    products : list of str
        Product ids; none may hold a comma, 512 characters in all.
    location : str
        The product catalog's location, exactly as there.
    detail1 ... detail20 : str
        Details of your own.
    externalId : str
        Your own id, such as the order's number; sent twice by mistake, it is recognised.
    details : str or dict
        Text of the security document; a dict is taken for ``parameters``.
    parameters : dict
        Names and values of your own, as in the security document.

    Raises
    ------
    DataError
        Lists everything that the API would refuse; the messages hold no value.
    UsageError
        A name that no field has.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    def __init__(self, *, timezone: str | None = None, ambiguous: Ambiguous | None = None, **fields: Any) -> None:
        given = _plain(_hold_to_names(type(self), fields))
        when = When(zone=timezone, ambiguous=ambiguous)
        findings = _findings(given, when)
        if findings:
            raise DataError("This event can't be sent as it is.\n" + fault_lines(findings))
        super().__init__(**(given | _dated(given, when)))

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return _shortened(self)

    def __str__(self) -> str:
        return repr(self)


class Contact(ContactRow):
    """One contact: a person, known by an e-mail address.

    Parameters
    ----------
    email : str
        The address, the contact's key.
    name, phone, company, externalId : str
    address : dict
        streetAddress, zipCode, city, country, province.
    tags : list of str
    properties : dict
        Details of your own, as texts.
    forceOptIn, forceOptOut : bool
        Subscribes or unsubscribes; left out, nothing changes.

    Raises
    ------
    DataError
        Lists everything that the API would refuse; the messages hold no value.
    UsageError
        A name that no field has.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    def __init__(self, **fields: Any) -> None:
        given = _plain(_hold_to_names(type(self), fields))
        findings = [finding for finding in check(ContactRow, given) if finding.severity == "error"]
        if findings:
            raise DataError("This contact can't be sent as it is.\n" + fault_lines(findings))
        super().__init__(**given)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return _shortened(self)

    def __str__(self) -> str:
        return repr(self)


def check_event(
    fields: Mapping[str, Any], *, timezone: str | None = None, ambiguous: Ambiguous | None = None
) -> list[Violation]:
    """What is wrong with an event's fields, one finding a field; empty where :class:`Event` takes them."""
    return _findings(_plain(fields), When(zone=timezone, ambiguous=ambiguous))


def fault_lines(findings: list[Violation]) -> str:
    """Findings as lines of text."""
    return "\n".join(f"  {finding.message}. {finding.suggestion}".rstrip() for finding in findings)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is missing in one of its many ways, arrays as lists, and named details among the parameters."""
    given = {name: _unwrapped(value) for name, value in fields.items()}
    given = {name: value for name, value in given.items() if not is_missing(value)}
    if isinstance(given.get("details"), Mapping):
        given["parameters"] = {**given.pop("details"), **given.get("parameters", {})}
    return given


def _unwrapped(value: Any) -> Any:
    if type(value).__name__ in {"NaTType", "NAType"}:  # pandas' own, which is not imported here
        return None
    if getattr(value, "ndim", 0) and hasattr(value, "tolist"):
        return value.tolist()
    return value


def _findings(given: Mapping[str, Any], when: When) -> list[Violation]:
    """At most one finding a field."""
    checkable = {name: value for name, value in given.items() if name != "date"}
    findings = [finding for finding in check(EventDraft, checkable) if finding.severity == "error"]
    try:
        _dated(given, when)
    except Broken as broken:
        findings += [rule.violation("date") for _, rule in broken.faults]
    if "email" not in given and "contactId" not in given:
        findings.append(_NOBODY)
    return findings


_NOBODY = Violation(
    field="email",
    reason_code=13,
    message="email|is required where there is no contactId",
    suggestion="Say whose event it is.",
)


def _dated(given: Mapping[str, Any], when: When) -> dict[str, int]:
    return {"date": when.read(given["date"])} if "date" in given else {}


def _hold_to_names(model: type[Record], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    known = {re.sub("_", "", name).lower(): name for name in model.model_fields}
    for name in fields:
        if name in model.model_fields:
            continue
        near = difflib.get_close_matches(re.sub("_", "", name).lower(), list(known), n=1)
        hint = f"Did you mean {known[near[0]]}?" if near else f"There are {', '.join(model.model_fields)}."
        raise UsageError(f"{model.__name__} has no field {name!r}. {hint}")
    return fields


def _shortened(record: Record) -> list[tuple[str | None, Any]]:
    """What a repr shows of a record: nothing that says who the contact is, or may say it."""
    filled = {name: value for name in type(record).model_fields if (value := getattr(record, name)) is not None}
    shown: list[tuple[str | None, Any]] = [
        (name, shorten(filled[name]) if name in PERSONAL_FIELDS else filled[name]) for name in _SHOWN if name in filled
    ]
    hidden = len(filled) - len(shown)
    return [*shown, ("and_more", hidden)] if hidden else shown
