"""Events and contacts: made, tried out, sent once, mended."""

from smnotebook.events.dry_run import DryRun, dry_run
from smnotebook.events.event import Contact, Event, check_event
from smnotebook.events.mending import delete_event, update_event, upsert_contact
from smnotebook.events.options import EncodingOptions, EventOptions, MendingOptions
from smnotebook.events.receipts import ContactReceipt, EventReceipt
from smnotebook.events.sending import send_event

__all__ = [
    "Contact",
    "ContactReceipt",
    "DryRun",
    "EncodingOptions",
    "Event",
    "EventOptions",
    "EventReceipt",
    "MendingOptions",
    "check_event",
    "delete_event",
    "dry_run",
    "send_event",
    "update_event",
    "upsert_contact",
]
