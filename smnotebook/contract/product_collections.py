"""Product collections: products chosen for single contacts, as the official client sends them (WIRE_FACTS section 2).

No lengths are documented: those of catalogs and products are taken.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from smnotebook.contract.fields import Items, Text
from smnotebook.contract.records import Record

__all__ = ["CollectionDeclaration", "CollectionEntry", "CollectionReference", "ContactProducts"]


class CollectionDeclaration(Record):
    """What ``collection/add`` takes."""

    name: Annotated[str, Text(max=64)] = Field(description="Name of the collection.")
    catalogId: Annotated[str, Text(max=36)] = Field(description="Catalog whose products it holds.")  # noqa: N815


class CollectionReference(Record):
    """A body that names a collection."""

    collectionUUID: Annotated[str, Text(max=36)] = Field(description="Id that collection/add answered.")  # noqa: N815


class ContactProducts(CollectionReference):
    """What ``collection/contact/products`` takes."""

    contactId: Annotated[str, Text(max=255)] = Field(description="Whose products are asked for.")  # noqa: N815


class CollectionEntry(Record):
    """One entry of ``collection/products/add`` and ``…/delete``: products for one contact."""

    contactId: Annotated[str, Text(max=255)] = Field(description="Whose products these are.")  # noqa: N815
    productIds: Annotated[list[str], Items(max=100, of=Text(max=255))] = Field(description="The products.")  # noqa: N815
