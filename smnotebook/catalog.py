"""One Product Catalog: what the server says about it, and what can be done to it."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smnotebook.contract import CatalogDeclaration, Operation, Violation, check
from smnotebook.errors import ApiError, BadAnswer, DataError, LedgerError, Refused, UnknownIdentifier, UsageError
from smnotebook.wire import Answer

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import pandas as pd

    from smnotebook.client import Client
    from smnotebook.upload.plan import UploadPlan

__all__ = ["Catalog", "declare_catalog", "find_catalog", "warn_about"]


class Catalog:
    """A catalog as it was when it was read; :meth:`update` brings it up to date.

    Attributes
    ----------
    id : str
        The server's id.
    name, currency, location : str
        Empty where the server did not say.
    set_as_default : bool or None
        Available for Recommendation Frames; None where the server did not say.
    client : Client
        The account it belongs to.
    """

    def __init__(self, client: Client, fields: Mapping[str, Any]) -> None:
        if not isinstance(fields, Mapping) or not isinstance(fields.get("catalogId"), str):
            raise BadAnswer("The server listed a catalog without an id. Report it to SALESmanago.")
        self.client = client
        self.id: str = fields["catalogId"]
        self._take_over(fields)

    def _take_over(self, fields: Mapping[str, Any]) -> None:
        # the list of the live service was seen with either name of the name (WIRE_FACTS section 3)
        self.name = str(fields.get("name") or fields.get("catalogName") or "")
        self.currency = str(fields.get("currency") or "")
        self.location = str(fields.get("location") or "")
        default = fields.get("setAsDefault")
        self.set_as_default = default if isinstance(default, bool) else None

    def update(
        self,
        *,
        name: str | None = None,
        currency: str | None = None,
        location: str | None = None,
        set_as_default: bool | None = None,
    ) -> Catalog:
        """Change some properties; what is not given stays as this object knows it.

        Raises
        ------
        DataError
            A value that the API would refuse; nothing was sent.
        """
        default = self.set_as_default if set_as_default is None else set_as_default
        fields = declare_catalog(
            {
                "catalogId": self.id,
                "name": self.name if name is None else name,
                "currency": self.currency if currency is None else currency,
                "location": self.location if location is None else location,
            }
            | ({} if default is None else {"setAsDefault": default})
        )
        warn_about(self.client.connection.call(Operation.UPDATE_CATALOG, fields))
        self._take_over(fields)
        return self

    def delete(self) -> None:
        """Delete the catalog and its products; one that is gone already is no error.

        What this machine knows to be stored in it ends with it, also where no answer came; its runs stay listed.
        """
        try:
            warn_about(self.client.connection.call(Operation.DELETE_CATALOG, {"catalogId": self.id}))
        except UnknownIdentifier:
            self._end_record()
        except ApiError as error:
            was_declined = isinstance(error, Refused)
            if not was_declined and getattr(error, "maybe_received", True):
                self._end_record()
            raise
        else:
            self._end_record()

    def _end_record(self) -> None:
        from smnotebook.upload.stored import open_book

        if not self.client.ledger_path.exists():
            return
        try:
            with open_book(self) as book:
                book.forget()
        except LedgerError as trouble:
            warnings.warn(f"The catalog was deleted, but the ledger goes on to list it. {trouble}", stacklevel=3)

    def products(self) -> pd.DataFrame:
        """What is known to be stored; see :func:`smnotebook.upload.history.stored_products`."""
        from smnotebook.upload.history import stored_products

        return stored_products(self)

    def as_of(self, run: int) -> pd.DataFrame:
        """What was known to be stored after a run; see :func:`smnotebook.upload.history.stored_products`."""
        from smnotebook.upload.history import stored_products

        return stored_products(self, until_run=run)

    def history(self, product_id: object) -> pd.DataFrame:
        """Every sending of one product; see :func:`smnotebook.upload.history.product_history`."""
        from smnotebook.upload.history import product_history

        return product_history(self, product_id)

    def runs(self) -> pd.DataFrame:
        """Every upload from this machine; see :func:`smnotebook.upload.history.list_runs`."""
        from smnotebook.upload.history import list_runs

        return list_runs(self)

    def doubtful(self) -> pd.DataFrame:
        """Fields of which the server may hold another value than the known one; both are listed.

        See :func:`smnotebook.upload.doubtful.doubtful_fields`.
        """
        from smnotebook.upload.doubtful import doubtful_fields

        return doubtful_fields(self)

    def restore(self, run: int, *, over_later: bool = False) -> UploadPlan:
        """Plan to take a run back; see :func:`smnotebook.upload.restoring.plan_restore`."""
        from smnotebook.upload.restoring import plan_restore

        return plan_restore(self, run, over_later=over_later)

    def undo(self) -> UploadPlan:
        """Plan to take back the last run that sent anything."""
        from smnotebook.upload.restoring import plan_restore

        return plan_restore(self)

    def adopt(self, frame: pd.DataFrame) -> int:
        """Note products as known to be stored; see :func:`smnotebook.upload.adopting.adopt_products`."""
        from smnotebook.upload.adopting import adopt_products

        return adopt_products(frame, self)

    def write_record(self, path: str | PathLike[str], *, run: int | None = None, who: str = "", why: str = "") -> Path:
        """Write a run down for a ticket; see :func:`smnotebook.upload.run_record.write_run_record`."""
        from smnotebook.upload.run_record import write_run_record

        return write_run_record(self, path, run=run, who=who, why=why)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Catalog):
            return NotImplemented
        return self.id == other.id and self.client is other.client

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Catalog({self.name!r}, currency={self.currency!r}, location={self.location!r}, id={self.id!r})"

    def _repr_html_(self) -> str:
        from smnotebook.render.html import element, page, table

        facts = [
            ("currency", self.currency),
            ("location", self.location),
            ("id", self.id),
            ("server", self.client.place),
        ]
        return page(element("div", f"Catalog {self.name}", css="sm-headline"), table(("", ""), facts))


def find_catalog(name_or_id: str, known: Sequence[Catalog]) -> Catalog:
    """The one of this id, else the one of this name.

    Raises
    ------
    UsageError
        There is none, or several have the name.
    """
    for found in ([c for c in known if c.id == name_or_id], [c for c in known if c.name == name_or_id]):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(catalog.id for catalog in found)
            raise UsageError(f"{len(found)} catalogs are named {name_or_id!r}. Take one by its id: {ids}.")
    raise UsageError(f"There is no catalog with the name or id {name_or_id!r}. {_nearest(name_or_id, known)}")


def _nearest(name: str, known: Sequence[Catalog]) -> str:
    names = [catalog.name for catalog in known]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(map(repr, near))}?"
    if names:
        return f"There are {', '.join(map(repr, names[:10]))}."
    return "The account has no catalog yet: create_catalog() makes one."


def declare_catalog(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they travel, if the API would take them.

    Raises
    ------
    DataError
        Lists every field that it would not.
    """
    findings = check(CatalogDeclaration, fields)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise DataError("The catalog can't be sent as it is; nothing was sent.\n" + "\n".join(_lines(errors)))
    for line in _lines(findings):
        warnings.warn(line, UserWarning, stacklevel=3)
    return CatalogDeclaration.model_validate(dict(fields)).to_wire()


def warn_about(answer: Answer) -> None:
    """Say what the server trimmed."""
    for line in _lines(answer.warnings):
        warnings.warn(f"The server took the request and changed something: {line}", UserWarning, stacklevel=3)


def _lines(violations: Sequence[Violation]) -> list[str]:
    return [
        f"{violation.message}{f' (reason {violation.reason_code})' if violation.reason_code else ''}"
        + (f" {violation.suggestion}" if violation.suggestion else "")
        for violation in violations
    ]
