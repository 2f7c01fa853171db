"""What goes wrong beside the sending: noted for the report, never in its way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from smnotebook.contract import Violation

__all__ = ["Mishaps"]


class Mishaps:
    """Failures of what only shows, restores or closes; the report lists them among its warnings.

    Attributes
    ----------
    found : list of Violation
        Without a reason code, in the order they happened.
    """

    def __init__(self) -> None:
        self.found: list[Violation] = []

    @contextmanager
    def kept(self, what: str) -> Iterator[None]:
        """Note an exception raised inside; ``what`` is the sentence that its kind and message follow."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a report of what was sent is worth more than any of these
            words = f"{type(error).__name__}: {error}".removesuffix(": ").removesuffix(".")
            message = f"{what} ({words}). The rows' status above is right."
            self.found.append(Violation(field=None, reason_code=None, message=message, severity="warning"))
