"""One event in the two shapes that the sources describe, and what a shape has no field for.

``v2`` is the ``contactEvent`` of API v2 with the signed body, the one that the live service is known to take. ``seed``
is the shape of the security document, with the secret in the body. What a shape has no field for is never dropped: it
is refused with a word, unless ``carry`` names the field that takes it along, as in ``{"currency": "detail9"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import orjson

from smnotebook.contract import (
    DETAIL_NAMES,
    EVENT_TYPES,
    Authentication,
    ContactEvent,
    Operation,
    Record,
    SeedEvent,
    Violation,
    check,
)
from smnotebook.errors import DataError, UsageError
from smnotebook.events.event import Event, fault_lines

__all__ = ["Carry", "EncodingName", "PreparedRequest", "encode", "encode_contact_event", "hold_to_v2_places", "prepare"]

EncodingName = Literal["v2", "seed"]
Carry = Mapping[str, str]

_OTHER = "OTHER"
_CONTACT_KEYS = ("email", "contactId")

# Where the official plugin puts what API v2 has no field for (WIRE_FACTS 6), and free places for the rest.
_USUAL_PLACES = {"currency": "detail9", "details": "description", "type": "detail10", "parameters": "detail11"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request ready to be proven and sent.

    Attributes
    ----------
    purpose : str
        Why it is sent, for a dry run.
    fields : mapping
        The body without its proof; not in the repr, since it holds a contact's data.
    """

    operation: Operation
    authentication: Authentication
    purpose: str
    fields: Mapping[str, Any] = field(repr=False)


def prepare(
    event: Event, *, encoding: EncodingName, carry: Carry, now: float, ensure_contact: bool
) -> tuple[PreparedRequest, ...]:
    """The requests that send an event, in their order.

    Parameters
    ----------
    now : float
        Unix time, the date of an event that has none.
    ensure_contact : bool
        Whether API v2 is told of the contact first: it drops an event whose contact it does not come to know.

    Raises
    ------
    DataError
        The encoding can't carry the event; says what to do.
    UsageError
        There is no such encoding, or ``carry`` names no place in it.
    """
    fields = encode(event, encoding=encoding, carry=carry, now=now)
    if encoding == "seed":
        return (
            _request(Operation.SEED_ADD_EVENT, "the event; the security document says it creates its contact", fields),
        )
    sending = _request(Operation.ADD_EVENT, "the event", fields)
    if not ensure_contact or event.contactId is not None:
        return (sending,)
    contact = {"contact": {"email": event.email}}
    return _request(Operation.UPSERT_CONTACT, "its contact first: an event without one is dropped", contact), sending


def _request(operation: Operation, purpose: str, fields: Mapping[str, Any]) -> PreparedRequest:
    return PreparedRequest(operation=operation, authentication=operation.authentication, purpose=purpose, fields=fields)


def encode(event: Event, *, encoding: EncodingName, carry: Carry, now: float) -> dict[str, Any]:
    """The body of the event's own request, without its proof; raises as :func:`prepare` does."""
    match encoding:
        case "v2":
            return {**_contact_key(event), "contactEvent": encode_contact_event(event, carry=carry, now=now)}
        case "seed":
            return _encode_seed(event, carry)
    raise UsageError(f"encoding={encoding!r}: choose 'v2' (the default) or 'seed'.")


def _contact_key(event: Event) -> dict[str, str | None]:
    # the id wins where both are known, as with the official client
    return {"email": event.email} if event.contactId is None else {"contactId": event.contactId}


def encode_contact_event(event: Event, *, carry: Carry, now: float) -> dict[str, Any]:
    """The ``contactEvent`` of API v2; raises as :func:`prepare` does."""
    hold_to_v2_places(carry)
    filled = event.to_wire()
    sent = {name: filled.pop(name) for name in ContactEvent.model_fields if name in filled}
    sent.setdefault("date", int(now * 1000))
    kind = filled.pop("type")
    sent["contactExtEventType"] = kind if kind in EVENT_TYPES else _OTHER
    strange = {name: value for name, value in filled.items() if name not in _CONTACT_KEYS}
    strange |= {} if kind in EVENT_TYPES else {"type": kind}
    faults = _carry_along(_named_parameters(strange, carry), carry, sent, "API v2")
    return _checked(ContactEvent, sent, faults)


def _named_parameters(strange: dict[str, Any], carry: Carry) -> dict[str, Any]:
    """Parameters that have a place of their own apart from the others."""
    parameters = dict(strange.pop("parameters", {}))
    own = {name: parameters.pop(name) for name in tuple(parameters) if name in carry}
    return strange | own | ({"parameters": parameters} if parameters else {})


def _encode_seed(event: Event, carry: Carry) -> dict[str, Any]:
    _hold_to_places(carry, ("parameters", "details"), "the security document's shape")
    filled = event.to_wire()
    sent = {name: filled.pop(name) for name in SeedEvent.model_fields if name in filled}
    email = filled.pop("email", None)
    faults = [] if email is not None else [_NEEDS_EMAIL]
    kept = {name: filled.pop(name) for name in tuple(filled) if carry.get(name) == "parameters"}
    if kept:
        sent["parameters"] = {**sent.get("parameters", {}), **kept}
    faults += _carry_along(filled, carry, sent, "the security document's shape")
    return {"contact": {"email": email}, "event": _checked(SeedEvent, sent, faults)}


_NEEDS_EMAIL = Violation(
    field="email",
    reason_code=13,
    message="email|is the contact's only key in the security document's shape",
    suggestion="Give the address, or use encoding='v2'.",
)


def _carry_along(strange: Mapping[str, Any], carry: Carry, sent: dict[str, Any], shape: str) -> list[Violation]:
    """Put each value that the shape has no field for into the place chosen for it; findings where that can't be."""
    faults = []
    for name, value in strange.items():
        place = carry.get(name)
        if place is None:
            faults.append(_no_field(name, shape))
        elif place in sent:
            faults.append(_no_field(name, shape, f"{place}, chosen for it, is filled already."))
        else:
            sent[place] = _as_text(value)
    return faults


def _no_field(name: str, shape: str, trouble: str = "") -> Violation:
    if shape == "API v2":
        place = _USUAL_PLACES.get(name, "detail12")
        advice = f"Choose a free field for it: carry={{{name!r}: {place!r}}}."
        if name == "type":
            advice = f"Send it as OTHER with its own name in a detail: carry={{'type': {place!r}}}."
    else:
        advice = f"Take it along among the parameters: carry={{{name!r}: 'parameters'}}, or use encoding='v2'."
    what = "is a type that API v2 does not know" if name == "type" else f"has no field in {shape}"
    return Violation(field=name, reason_code=None, message=f"{name}|{what}", suggestion=f"{trouble} {advice}".strip())


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return orjson.dumps(value, default=str).decode()


def _checked(model: type[Record], sent: dict[str, Any], faults: list[Violation]) -> dict[str, Any]:
    faults = [*faults, *(found for found in check(model, sent) if found.severity == "error")]
    if faults:
        raise DataError("This event can't be sent in this encoding; nothing was sent.\n" + fault_lines(faults))
    return model.model_validate(sent).to_wire()


def hold_to_v2_places(carry: Carry) -> None:
    """Refuse a place that a ``contactEvent`` does not have.

    Raises
    ------
    UsageError
        Naming the places that there are.
    """
    _hold_to_places(carry, (*DETAIL_NAMES, "description"), "API v2")


def _hold_to_places(carry: Carry, places: tuple[str, ...], shape: str) -> None:
    wrong = sorted({place for place in carry.values() if place not in places})
    if wrong:
        known = "detail1 to detail20 and description" if "detail1" in places else " and ".join(places)
        raise UsageError(f"carry names {', '.join(map(repr, wrong))}; the places in {shape} are {known}.")
