"""What a fault says in place of the operation's own answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smnotebook.contract import ReasonCode, Violation, format_message
from smnotebook.sandbox.answers import Answer, refuse, refuse_flatly
from smnotebook.sandbox.faults.kinds import Fault, FaultKind

__all__ = ["Refusal", "failure", "refusal_of", "retry_after"]

_TEXT = "refused by a fault of the sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An objection to products that the contract finds nothing wrong with.

    Attributes
    ----------
    product_ids : frozenset of str
        Whom it concerns; empty for every second product of a batch.
    accepts_rest : bool
        Whether the other products of the batch are stored.
    """

    violation: Violation
    product_ids: frozenset[str]
    accepts_rest: bool

    def concerns(self, position: int, product_id: str) -> bool:
        """Whether it is about this product."""
        return product_id in self.product_ids if self.product_ids else position % 2 == 1


def refusal_of(fault: Fault | None) -> Refusal | None:
    """The objection that a fault raises within the operation, None where it spoils the answer as a whole."""
    if fault is None or not (
        fault.kind is FaultKind.ACCEPT_PARTLY or (fault.kind is FaultKind.REFUSE_BATCH and fault.product_ids)
    ):
        return None
    return Refusal(
        violation=_violation(fault),
        product_ids=frozenset(fault.product_ids),
        accepts_rest=fault.kind is FaultKind.ACCEPT_PARTLY,
    )


def failure(fault: Fault, request_id: str) -> Answer:
    """What a fault answers for the operation, carried out or not."""
    match fault.kind:
        case FaultKind.UNAVAILABLE:
            body = {"message": "Service Unavailable"}
            return Answer(status=fault.status or 503, body=body, headers=retry_after(fault))
        case FaultKind.THROTTLED:
            body = {"message": "Too Many Requests"}
            return Answer(status=fault.status or 429, body=body, headers=retry_after(fault))
        case FaultKind.FLAT_ERROR:
            return refuse_flatly(fault.reason_code, _TEXT, status=fault.status or 400)
        case FaultKind.WRONG_REASON | FaultKind.REFUSE_BATCH:
            return refuse(request_id, [_violation(fault)], status=fault.status or 400)
        case _:  # the answer's form is what this fault spoils; there is nothing to say
            return Answer()


def retry_after(fault: Fault) -> Mapping[str, str]:
    """The Retry-After header that a fault asks for."""
    return {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}


def _violation(fault: Fault) -> Violation:
    """The problem in the format of its code; a code that nobody documented gets the commonest one."""
    known = fault.reason_code in ReasonCode.__members__.values()
    code = ReasonCode(fault.reason_code) if known else ReasonCode.WRONG_STRUCTURE
    message = format_message(code, _TEXT, field=fault.field, type_name="string", maximum=255, limit=3)
    return Violation(field=fault.field, reason_code=fault.reason_code, message=message)
