"""A Product Catalog. Source: seed_product_api.txt, "Creating a Product Catalog"; WIRE_FACTS section 3."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, Field

from smnotebook.contract.fields import Flag, Text
from smnotebook.contract.grammars import CURRENCY, LOCATION
from smnotebook.contract.records import Record

__all__ = ["MAX_CATALOG_ID", "CatalogDeclaration"]

MAX_CATALOG_ID = 36


class CatalogDeclaration(Record):
    """What ``product/catalogUpsert`` takes.

    The document calls the name ``catalogName``, the official client ``name`` since 2023: ``name`` is written, either
    is read (WIRE_FACTS 7, row 9).
    """

    name: Annotated[str, Text(max=64)] = Field(
        validation_alias=AliasChoices("name", "catalogName"), description="Internal name of the catalog."
    )
    catalogId: Annotated[str | None, Text(max=MAX_CATALOG_ID)] = Field(  # noqa: N815
        None, description="Left out to create a catalog, given to update one."
    )
    setAsDefault: Annotated[bool | None, Flag()] = Field(  # noqa: N815
        None, description="Available for Recommendation Frames; false means analytics only."
    )
    currency: Annotated[str, Text(max=3, grammar=CURRENCY)] = Field(description="ISO 4217 code of all prices.")
    # 36: what the older documentation of events allows (WIRE_FACTS 7, row 15)
    location: Annotated[str, Text(max=255, soft=36, grammar=LOCATION)] = Field(
        description="Ties external events to the catalog; an event's location must equal it."
    )
