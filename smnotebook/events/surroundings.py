"""What the account and the ledger know that events are compared with, one event or a frame of them."""

from __future__ import annotations

from collections.abc import Collection

from smnotebook.client import Client
from smnotebook.contract import Authentication, Operation, Violation
from smnotebook.contract.event_surroundings import Surroundings, compare_event
from smnotebook.errors import DataError, UsageError
from smnotebook.events.event import Event, fault_lines
from smnotebook.ledger import Ledger

__all__ = ["compare_with_account", "look_around"]


def compare_with_account(
    client: Client, event: Event, *, feed_locations: Collection[str] = ()
) -> tuple[Violation, ...]:
    """What speaks against an event and does not stop it; asks only where it names a location or products.

    Raises
    ------
    DataError
        Its location is that of no catalog, so the service would not know which products are meant.
    """
    product_ids = [] if event.products is None else event.products.split(",")
    if event.location is None and not product_ids:
        return ()
    known = look_around(client, product_ids, feed_locations=feed_locations)
    found = list(compare_event(event.location, product_ids, known))
    if faults := [finding for finding in found if finding.severity == "error"]:
        raise DataError("Nothing was sent: this event does not fit the account.\n" + fault_lines(faults))
    return tuple(found)


def look_around(client: Client, product_ids: Collection[str], *, feed_locations: Collection[str] = ()) -> Surroundings:
    """Ask for the account's catalogs (one request), and look up which of these products are known to be stored.

    Parameters
    ----------
    feed_locations : collection of str
        Locations of XML feeds, which the API does not list.
    """
    catalogs = _catalogs(client)
    if catalogs is None:
        return Surroundings()
    return Surroundings(
        locations=frozenset(catalogs.values()).union(feed_locations),
        products=_stored(client, list(catalogs), sorted(product_ids)),
    )


def _catalogs(client: Client) -> dict[str, str] | None:
    """The location of each catalog by its id; None where the profile has no way to ask."""
    if client.is_live and client.profile.authentication is not Authentication.API_KEY_HEADER:
        return None  # its base URL is that of API v2, which knows no catalogs
    try:
        connection = client.connection_by(Authentication.API_KEY_HEADER)
    except UsageError:
        return None
    listed = connection.call(Operation.LIST_CATALOGS).data["catalogs"]
    return {str(catalog.get("catalogId")): str(catalog.get("location") or "") for catalog in listed}


def _stored(client: Client, catalog_ids: list[str], wanted: list[str]) -> frozenset[str] | None:
    """Which of the products the ledger knows to be stored; None where it knows of none at all."""
    knows_any, found = False, set[str]()
    with Ledger.open(client.ledger_path) as ledger:
        for book in (ledger.book(client.server, catalog_id) for catalog_id in catalog_ids):
            known = book.fingerprints_of(wanted)
            knows_any = knows_any or bool(known) or book.count_known() > 0
            found.update(known)
    return frozenset(found) if knows_any else None
