"""What an answer to a batch of events says about its rows.

The server counts what it created and names the contacts of what it did not (WIRE_FACTS 2). A contact may have several
events in a batch, and a count may come without names: what the answer leaves open is in doubt, not refused, since
sending it again could make a second event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from smnotebook.contract import Violation
from smnotebook.upload.channel import LineEnds

__all__ = ["read_verdict"]

DECLINED = Violation(
    field="email",
    reason_code=None,
    message="email|the server made no event for this contact",
    suggestion="Check that the contact exists and the event's fields are right; then send the row again.",
)
UNNAMED = "the server made fewer events of this request than were sent, and did not say which"


def read_verdict(data: Mapping[str, Any], contacts: Sequence[str]) -> LineEnds:
    """Which lines the server made no event of, from its answer and each line's contact."""
    created, failed = data.get("createdAmount"), data.get("failedAmount")
    names = data.get("failedContacts")
    named = Counter(str(name).lower() for name in names) if isinstance(names, list) else Counter[str]()
    missing = len(contacts) - created if isinstance(created, int) else (failed if isinstance(failed, int) else 0)
    if missing <= 0 and not named:
        return LineEnds()
    held = Counter(contact.lower() for contact in contacts)
    if missing >= len(contacts):
        return LineEnds(refused=dict.fromkeys(range(len(contacts)), DECLINED))
    if sum(named[contact] for contact in held) < missing:
        return LineEnds(doubtful=dict.fromkeys(range(len(contacts)), UNNAMED))
    lines = [(line, contact.lower()) for line, contact in enumerate(contacts) if named[contact.lower()]]
    return LineEnds(
        refused={line: DECLINED for line, contact in lines if named[contact] >= held[contact]},
        doubtful={line: UNNAMED for line, contact in lines if named[contact] < held[contact]},
    )
