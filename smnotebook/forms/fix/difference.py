"""What FixForm shows before it sends: each value before and after, what stands out, what would be refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smnotebook.contract import parse_message
from smnotebook.forms.fix.products import AMOUNTS, LABELS
from smnotebook.frame.display import show_value

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.report import PreflightReport
    from smnotebook.upload.diffing import CatalogDiff

__all__ = ["Change", "Difference", "changes_in", "difference_of"]

#: Refused values that the form lists.
_SHOWN_REFUSALS = 20
_NONE = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value, as a line to read."""

    product_id: str
    field: str
    before: str
    after: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What would change in a catalog.

    Attributes
    ----------
    products : int
        How many would be sent.
    unsettled : int
        Products that were sent before and never answered for: the server may hold either value, so they go again.
    alert : str
        What has to be agreed to; empty where nothing stands out that much.
    refusals : tuple of str
        Why products can't be sent as they are.
    """

    changes: tuple[Change, ...]
    products: int
    unsettled: int
    alert: str
    refusals: tuple[str, ...]


def difference_of(found: CatalogDiff, ending: Collection[str]) -> Difference:
    """A comparison as lines to read; ``ending`` are the products whose reduction is to end."""
    jumps = found.outliers.price_jumps
    keys = zip(jumps["productId"].tolist(), jumps["field"].tolist(), strict=True)
    factors = dict(zip(keys, jumps["factor"].tolist(), strict=True))
    return Difference(
        changes=(*_changes(found.changes, factors), *_endings(found.changes, ending)),
        products=found.plan.to_send,
        unsettled=found.plan.unsettled,
        alert="; ".join(found.outliers.alerts),
        refusals=tuple(_refusals(found.plan.preflight)),
    )


def changes_in(frame: pd.DataFrame) -> tuple[Change, ...]:
    """Changes (``productId``, ``field``, ``before``, ``after``) as lines to read."""
    return tuple(_changes(frame, {}))


def _changes(frame: pd.DataFrame, factors: Mapping[tuple[str, str], float]) -> Iterator[Change]:
    columns = (frame[name].tolist() for name in ("productId", "field", "before", "after"))
    for product_id, field, before, after in zip(*columns, strict=True):
        if field == "setAsNull":  # how a value is cleared, not a value
            continue
        factor = factors.get((product_id, field))
        yield Change(
            product_id=product_id,
            field=LABELS.get(field, field),
            before=_shown(field, before),
            after=_shown(field, after),
            remark="" if factor is None else f"{factor:.2g} times as much",
        )


def _endings(frame: pd.DataFrame, ending: Collection[str]) -> Iterator[Change]:
    """Reductions that end although the last upload of their product had none to say so."""
    seen = set(frame.loc[frame["field"] == "discountPrice", "productId"])
    for product_id in ending:
        if product_id not in seen:
            label = LABELS["discountPrice"]
            yield Change(product_id=product_id, field=label, before="(from an earlier upload)", after=_NONE, remark="")


def _shown(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = show_value(value)
    if text is None:
        return _NONE
    return f"{value:.2f}" if field in AMOUNTS and isinstance(value, (int, float)) else text


def _refusals(report: PreflightReport) -> Iterator[str]:
    if report.errors:
        issues = report.issues
        # columns are the form's own doing; only what is said of a product helps
        issues = issues[(issues["severity"] == "error") & issues["productId"].notna()].head(_SHOWN_REFUSALS)
        columns = (issues[name].tolist() for name in ("productId", "field", "message", "suggestion"))
        for product_id, field, message, suggestion in zip(*columns, strict=True):
            text = parse_message(0, message).text
            yield f"{show_value(product_id)}: {LABELS.get(field, field)} {text}. {suggestion or ''}".strip()
