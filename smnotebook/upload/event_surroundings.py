"""What the account and the ledger know that a frame of events is compared with."""

from __future__ import annotations

from smnotebook.client import Client
from smnotebook.contract import Authentication, Operation
from smnotebook.errors import UsageError
from smnotebook.frame.event_checks import Surroundings, product_ids_of
from smnotebook.frame.event_table import EventColumns
from smnotebook.ledger import Ledger
from smnotebook.settings import ledger_path

__all__ = ["look_around"]


def look_around(client: Client, events: EventColumns) -> Surroundings:
    """Ask for the account's catalogs, where the events name a location or products, and look their products up."""
    if events.rows_as_given.find("location") is None and events.rows_as_given.find("products") is None:
        return Surroundings()
    catalogs = _catalogs(client)
    if catalogs is None:
        return Surroundings()
    return Surroundings(
        locations=frozenset(catalogs.values()),
        products=_stored(client, list(catalogs), product_ids_of(events)),
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


def _stored(client: Client, catalog_ids: list[str], wanted: frozenset[str]) -> frozenset[str] | None:
    """Which of the products the ledger knows to be stored; None where it knows of none at all."""
    knows_any, found = False, set[str]()
    with Ledger.open(ledger_path()) as ledger:
        for catalog_id in catalog_ids:
            for stretch in ledger.book(client.account, catalog_id).known():
                knows_any = True
                found |= wanted.intersection(stretch.product_ids)
    return frozenset(found) if knows_any else None
