"""What was sent, what came back, and the quota shared by all notebooks: one SQLite file.

What its words mean, for a product's field unless something else is named:

known
    Acknowledged to this machine: the value of the last accepted request that set or cleared the field. Other machines
    and tools can't be seen, since the API has no way to read products.
in doubt
    The server may hold another value than the known one. Doubt begins for the fields of a request that left and was
    never answered readably, that a lost run had under way, whose answer leaves the product out, or that was refused
    for several products which were not sent again; and for a text that the server says it cut. It ends when an
    accepted request that left later sets or clears the field, after an unanswered one only if that can't be carried
    out late any more (:data:`LATE_SECONDS`); when ``adopt`` names it; when the catalog is deleted. Where all values in
    question are the same there is no doubt. See :mod:`smnotebook.ledger.doubts`.
planned
    Written down, and never left this machine: nothing to doubt.
sent
    Written down and perhaps under way: it becomes acknowledged, refused, planned or unknown. Everything is written
    down as sent before the first byte leaves.
unknown
    Sent, and never answered readably: its fields are in doubt.
lost
    A run whose process ended without writing its end: its lock can be taken (:mod:`smnotebook.ledger.liveness`). What
    it had sent becomes unknown. A run that is stopped or asleep keeps its lock, and is never taken for lost.
"""

from smnotebook.ledger.accounts import AccountNames
from smnotebook.ledger.book import Book
from smnotebook.ledger.doubts import EXISTENCE, LATE_SECONDS
from smnotebook.ledger.event_book import Claimed, EventBook, Past
from smnotebook.ledger.leaves import leaves, leaves_of
from smnotebook.ledger.ledger import HISTORY_DAYS, SANDBOX_DAYS, Ledger
from smnotebook.ledger.pruning import Pruned
from smnotebook.ledger.quota import Quota, QuotaStopped
from smnotebook.ledger.records import (
    Contested,
    Doubt,
    HistoryEntry,
    Holder,
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
    "EXISTENCE",
    "HISTORY_DAYS",
    "LATE_SECONDS",
    "SANDBOX_DAYS",
    "AccountNames",
    "Book",
    "Claimed",
    "Contested",
    "Doubt",
    "EventBook",
    "HistoryEntry",
    "Holder",
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
    "leaves",
    "leaves_of",
]
