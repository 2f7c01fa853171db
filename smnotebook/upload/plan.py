"""UploadPlan: what an upload would do, shown before it is done, and then done exactly so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import orjson
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.frame.batches import Encoded, encode_slabs
from smnotebook.frame.outcome import UploadReport
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import CanonicalTable
from smnotebook.render.plan import PlanSummary, plan_html, plan_text
from smnotebook.upload.differences import CHANGE_COLUMNS, changes_by
from smnotebook.upload.doubtful import doubt_frame
from smnotebook.upload.kinds import SENT_KINDS, Kind, Marked
from smnotebook.upload.options import Options
from smnotebook.upload.progress import Watch, watch_of
from smnotebook.upload.shapes import Shape
from smnotebook.upload.stored import open_book
from smnotebook.values.questions import Question

__all__ = ["UploadPlan"]

_NAMES = np.array(["refused", "new", "changed", "unsettled", "forced", "unchanged", "copy"], dtype=object)

#: Rows of changes that an HTML plan shows; all of them are in ``changes()``.
_SHOWN_CHANGES = 20


@dataclass(frozen=True, kw_only=True)
class UploadPlan:
    """What an upload would do. Nothing has been sent.

    Attributes
    ----------
    frame : DataFrame
        The frame itself, not a copy.
    preflight : PreflightReport
        Why rows are refused.
    shape : Shape
        Which operation carries the rows.
    known : int
        Products of the catalog that the ledger knows to be stored.
    quota_left : int or None
        Requests that may leave at once; None without a limit.
    seconds : float
        Estimated time to send it all: what the quota makes it wait, and a third of a second for every round of
        requests.
    questions : tuple of Question
        What stops an upload until an argument answers it.
    notes : tuple of str
        What the caller should know besides.
    bases : mapping of str to int
        Of products filled up with what is stored, the request of the ledger that this was known from.
    """

    frame: pd.DataFrame
    catalog: Catalog
    preflight: PreflightReport
    table: CanonicalTable = field(repr=False)
    marked: Marked = field(repr=False)
    options: Options
    shape: Shape
    known: int
    quota_left: int | None
    seconds: float
    carry_out: Callable[[UploadPlan, Watch | None], UploadReport] = field(repr=False)
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    bases: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def new(self) -> int:
        """Rows whose product is not known to be stored."""
        return self.marked.count(Kind.NEW)

    @property
    def changed(self) -> int:
        """Rows whose product is stored with other content."""
        return self.marked.count(Kind.CHANGED)

    @property
    def unsettled(self) -> int:
        """Rows that say something of a field that is in doubt; they are sent, whatever is known to be stored."""
        return self.marked.count(Kind.UNSETTLED)

    @property
    def forced(self) -> int:
        """Rows sent although nothing changed, as asked."""
        return self.marked.count(Kind.FORCED)

    @property
    def unchanged(self) -> int:
        """Rows that the server has already."""
        return self.marked.count(Kind.UNCHANGED)

    @property
    def refused(self) -> int:
        """Rows that preflight refuses."""
        return self.marked.count(Kind.REFUSED)

    @property
    def duplicates(self) -> int:
        """Rows that repeat an earlier row; they share its outcome."""
        return self.marked.count(Kind.COPY)

    @property
    def to_send(self) -> int:
        """Rows that will travel."""
        return sum(self.marked.count(kind) for kind in SENT_KINDS)

    @property
    def requests(self) -> int:
        """Requests it takes, if all goes well."""
        return -(-self.to_send // self.shape.operation.max_records)

    @property
    def payload_bytes(self) -> int:
        """Bytes of all products to be sent."""
        return self.marked.payload_bytes

    @property
    def rows(self) -> pd.DataFrame:
        """What becomes of each row, on the frame's own index.

        Returns
        -------
        DataFrame
            ``plan``: new, changed, unsettled, forced, unchanged, refused or copy.
        """
        return pd.DataFrame({"plan": _NAMES[self.marked.kinds]}, index=self.frame.index)

    @property
    def doubtful(self) -> pd.DataFrame:
        """Fields of the rows' products of which the server may hold either of two values.

        A row that names such a field is sent (it is ``unsettled``). What no row names stays as it is and in doubt: the
        plan's ``notes`` say what settles it.

        Returns
        -------
        DataFrame
            ``productId``, ``field`` (``productId`` stands for the product's being there), ``acknowledged`` (accepted
            last), ``attempted`` (perhaps carried out) and ``run``; a value that is absent is missing.
        """
        return doubt_frame((*self.marked.doubts.named, *self.marked.doubts.unnamed))

    def changes(self, most: int | None = None) -> pd.DataFrame:
        """What changes in products that are stored.

        Parameters
        ----------
        most : int, optional
            Look at so many products only.

        Returns
        -------
        DataFrame
            ``position``, ``productId``, ``field``, ``before`` and ``after``; a value that is absent is missing. Before
            is what this machine's ledger last saw accepted. A field that a row leaves out stays as it is stored, and
            is no change; one that is to be cleared is.
        """
        positions = np.flatnonzero(np.isin(self.marked.kinds, (Kind.CHANGED, Kind.UNSETTLED)))[:most]
        found = []
        with open_book(self.catalog) as book:
            for slab in encode_slabs(self.table, positions, clear=self.options.clear):
                stored = book.payloads(slab.product_ids)
                for position, product_id, payload in zip(slab.positions, slab.product_ids, slab.payloads, strict=True):
                    changes = changes_by(orjson.loads(payload), orjson.loads(stored.get(product_id, b"{}")))
                    found += [(int(position), product_id, *change) for change in changes]
        return pd.DataFrame(found, columns=list(CHANGE_COLUMNS))

    def slabs(self) -> Iterator[Encoded]:
        """The products to be sent, a slab at a time."""
        return encode_slabs(self.table, self.marked.positions_to_send, clear=self.options.clear)

    def send(self, *, progress: Watch | bool = True) -> UploadReport:
        """Send exactly this.

        Raises
        ------
        PlanOutdated
            The frame or the ledger has changed since; nothing was sent.
        UploadFailed
            As :func:`smnotebook.upload.upload_products`.
        """
        return self.carry_out(self, watch_of(progress))

    def _summary(self) -> PlanSummary:
        return PlanSummary(
            place=self.catalog.client.place,
            catalog=self.catalog.name,
            rows=len(self.frame),
            kinds=tuple((name, self.marked.count(Kind(number))) for number, name in enumerate(_NAMES)),
            requests=self.requests,
            payload_bytes=self.payload_bytes,
            quota_left=self.quota_left,
            seconds=self.seconds,
            notes=self.notes,
        )

    def __repr__(self) -> str:
        return plan_text(self._summary())

    def _repr_html_(self) -> str:
        shown = self.changes(_SHOWN_CHANGES)
        return plan_html(self._summary(), list(CHANGE_COLUMNS), shown.astype(object).to_numpy().tolist())
