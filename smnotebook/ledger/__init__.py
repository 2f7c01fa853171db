"""What was sent, what came back, and the quota shared by all notebooks: one SQLite file."""

from smnotebook.ledger.book import Book
from smnotebook.ledger.event_book import Claimed, EventBook, Past
from smnotebook.ledger.ledger import HISTORY_DAYS, SANDBOX_DAYS, Ledger
from smnotebook.ledger.pruning import Pruned
from smnotebook.ledger.quota import Quota, QuotaStopped
from smnotebook.ledger.records import (
    Contested,
    HistoryEntry,
    KnownProducts,
    KnownStretch,
    Outgoing,
    Receipt,
    Refusal,
    RequestState,
    RunRecord,
    RunState,
    RunTotals,
    Sent,
    SentProduct,
)

__all__ = [
    "HISTORY_DAYS",
    "SANDBOX_DAYS",
    "Book",
    "Claimed",
    "Contested",
    "EventBook",
    "HistoryEntry",
    "KnownProducts",
    "KnownStretch",
    "Ledger",
    "Outgoing",
    "Past",
    "Pruned",
    "Quota",
    "QuotaStopped",
    "Receipt",
    "Refusal",
    "RequestState",
    "RunRecord",
    "RunState",
    "RunTotals",
    "Sent",
    "SentProduct",
]
