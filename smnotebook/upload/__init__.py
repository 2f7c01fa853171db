"""Where frame, wire and ledger meet: plan, send, record, report."""

from smnotebook.upload.contacts import upsert_contacts
from smnotebook.upload.event_trial import dry_run_events
from smnotebook.upload.events import EventArguments, preflight_events, send_events
from smnotebook.upload.options import OnErrors, UploadArguments
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.products import plan_products, upload_products
from smnotebook.upload.progress import Progress, ProgressLine

__all__ = [
    "EventArguments",
    "OnErrors",
    "Progress",
    "ProgressLine",
    "UploadArguments",
    "UploadPlan",
    "dry_run_events",
    "plan_products",
    "preflight_events",
    "send_events",
    "upload_products",
    "upsert_contacts",
]
