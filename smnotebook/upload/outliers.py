"""Changes that are mostly mistakes: prices that jump, catalogs that go dark."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smnotebook.errors import ConfirmationNeeded

__all__ = ["Outliers", "Thresholds", "find_outliers", "guard_outliers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on a change stands out.

    Attributes
    ----------
    price_factor : float
        A price that grows or shrinks by more than this factor jumps.
    price_share : float
        Share of the changed products whose price may jump before it is asked about.
    offline_share : float
        Share of the known products that may go offline before it is asked about.
    least : int
        Fewer products than this are never asked about: putting them right again costs one request.
    """

    price_factor: float = 2.0
    price_share: float = 0.05
    offline_share: float = 0.2
    least: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers:
    """What stands out among changes.

    Attributes
    ----------
    price_jumps : DataFrame
        The changes of price or discountPrice by more than the factor, the largest first.
    offline : list of str
        Products that would no longer be available or active.
    alerts : tuple of str
        What exceeds its share, in words; empty where nothing does.
    """

    price_jumps: pd.DataFrame
    offline: list[str]
    alerts: tuple[str, ...]


def find_outliers(changes: pd.DataFrame, *, known: int, thresholds: Thresholds | None = None) -> Outliers:
    """Look at changes (``productId``, ``field``, ``before``, ``after``) for what is mostly a mistake.

    Parameters
    ----------
    known : int
        Products of the catalog that are known to be stored.
    """
    limits = thresholds or Thresholds()
    jumps = _price_jumps(changes, limits.price_factor)
    goes = changes["field"].isin(["available", "active"]) & (changes["before"] != False) & (changes["after"] == False)  # noqa: E712 - cells of any kind
    offline = changes.loc[goes, "productId"].drop_duplicates().tolist()
    products = changes["productId"].nunique()
    alerts = []
    if len(jumps) >= limits.least and jumps["productId"].nunique() > limits.price_share * products:
        alerts.append(f"{len(jumps):,} prices change by more than a factor of {limits.price_factor:g}")
    if len(offline) >= limits.least and len(offline) > limits.offline_share * known:
        alerts.append(f"{len(offline):,} of {known:,} known products go offline")
    return Outliers(price_jumps=jumps, offline=offline, alerts=tuple(alerts))


def _price_jumps(changes: pd.DataFrame, factor: float) -> pd.DataFrame:
    prices = changes[changes["field"].isin(["price", "discountPrice"])]
    before = pd.to_numeric(prices["before"], errors="coerce").astype("float64")
    after = pd.to_numeric(prices["after"], errors="coerce").astype("float64")
    ratio = (after / before.where(before > 0)).rename("factor")
    jumps = prices.assign(factor=ratio)[(ratio > factor) | (ratio < 1 / factor)]
    size = jumps["factor"].where(jumps["factor"] >= 1, 1 / jumps["factor"].where(jumps["factor"] > 0))
    return jumps.iloc[size.fillna(float("inf")).argsort(kind="stable")[::-1]]


def guard_outliers(outliers: Outliers, *, allowed: bool) -> None:
    """Stop and ask where something exceeds its share."""
    if outliers.alerts and not allowed:
        what = "; ".join(outliers.alerts)
        raise ConfirmationNeeded(
            f"This stands out: {what}. Nothing was sent. df.salesmanago.diff(catalog) shows what would change.",
            argument="allow_outliers=True",
        )
