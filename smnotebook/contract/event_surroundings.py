"""What events are compared with besides their own rules: the account's catalogs, and the products known to be there."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from smnotebook.contract.reasons import ReasonCode, Violation
from smnotebook.contract.rules import Rule

__all__ = ["UNKNOWN_PRODUCTS", "Surroundings", "compare_event", "strange_location", "uncompared"]

UNKNOWN_PRODUCTS = Rule(
    name="unknown_products",
    reason_code=None,
    severity="warning",
    text="names products that this machine has not uploaded",
    suggestion="Check the ids; if the products were uploaded elsewhere, this can be left as it is.",
)

_WHY_UNCOMPARED = {
    "location": "the account's catalogs could not be asked for",
    "products": "this machine has uploaded no products to this account",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known about the account that the events go to.

    Attributes
    ----------
    locations : frozenset of str or None
        Locations of its catalogs and feeds; None where they could not be asked for.
    products : frozenset of str or None
        Of the product ids in the events, those that the ledger knows to be stored; None where it knows of no product.
    """

    locations: frozenset[str] | None = None
    products: frozenset[str] | None = None


def strange_location(location: str, known: Collection[str]) -> Rule:
    """The rule that a location breaks which no catalog has; they must be equal to the letter."""
    near = difflib.get_close_matches(location, sorted(known), n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(known)[:10]) or 'none yet'}."
    return Rule(
        name="location",
        reason_code=ReasonCode.UNKNOWN_IDENTIFIER,
        text="is the location of no catalog of this account",
        suggestion=f"{hint} That of an XML feed, which the API does not list, is named in feed_locations.",
    )


def uncompared(name: str) -> Violation:
    """Says that a field was not compared, and why."""
    return Violation(
        field=name,
        reason_code=None,
        message=f"{name}|was not compared with what is stored: {_WHY_UNCOMPARED[name]}",
        severity="warning",
        suggestion="Look a few up by hand.",
    )


def compare_event(location: str | None, product_ids: Collection[str], known: Surroundings) -> Iterator[Violation]:
    """What the account and the ledger have against one event."""
    if location is not None and known.locations is None:
        yield uncompared("location")
    elif location is not None and known.locations is not None and location not in known.locations:
        yield strange_location(location, known.locations).violation("location")
    if product_ids and known.products is None:
        yield uncompared("products")
    elif known.products is not None and not known.products.issuperset(product_ids):
        yield UNKNOWN_PRODUCTS.violation("products")
