"""A product, and the requests that carry products.

Source: seed_product_api.txt, "Adding or updating a product"; what it lost or left open is filled from WIRE_FACTS
section 4, each place with its reason.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from smnotebook.contract.damage import ID_DAMAGE, TEXT_DAMAGE
from smnotebook.contract.fields import Choice, Details, Flag, Items, Money, Names, Text, Whole
from smnotebook.contract.grammars import URL
from smnotebook.contract.records import Record, Relation

__all__ = [
    "CLEARABLE",
    "CLEARABLE_PATHS",
    "MAX_CUSTOM_DETAILS",
    "MAX_PRODUCTS",
    "PriceUpdate",
    "Product",
    "QuantityUpdate",
    "SystemDetails",
]

#: Products in one request.
MAX_PRODUCTS = 100

#: Field names that ``setAsNull`` may hold, as the official client sends them (flat, WIRE_FACTS 4).
CLEARABLE = frozenset({"discountPrice", "detail1", "detail2", "detail3", "detail4", "detail5"})

#: The same fields as columns name them: details under ``customDetails``.
CLEARABLE_PATHS = frozenset(f"customDetails.{name}" if name.startswith("detail") else name for name in CLEARABLE)

#: Details of one's own that a product holds at most.
MAX_CUSTOM_DETAILS = 5

ProductId = Annotated[str, Text(max=255, damage=ID_DAMAGE)]


class SystemDetails(Record):
    """Details that SALESmanago itself can use."""

    # brand is in the documented sample, its table row was lost: 255 by WIRE_FACTS 4
    brand: Annotated[str | None, Text(max=255, damage=TEXT_DAMAGE)] = Field(None, description="Brand.")
    # softer limits: what the official client's own table holds (WIRE_FACTS 7, row 12)
    manufacturer: Annotated[str | None, Text(max=255, soft=100, damage=TEXT_DAMAGE)] = Field(
        None, description="Manufacturer."
    )
    popularity: Annotated[int | None, Whole()] = Field(None, description="How popular, for example 1 to 100.")
    gender: Annotated[int | None, Choice(options=frozenset(range(-1, 5)))] = Field(
        None, description="-1 undefined, 0 female, 1 male, 2 other, 4 unisex; 3 is listed and not explained."
    )
    season: Annotated[str | None, Text(max=255, soft=40)] = Field(None, description="Season.")
    color: Annotated[str | None, Text(max=25)] = Field(None, description="Colour.")
    bestseller: Annotated[bool | None, Flag()] = Field(None, description="Marks a bestseller.")
    newProduct: Annotated[bool | None, Flag()] = Field(None, description="Marks a new product.")  # noqa: N815


_DROP = "Bad pictures can be left out: fix(drop_bad_images=True)."


class Product(Record):
    """One product of a catalog, as ``product/upsert`` takes it."""

    productId: ProductId = Field(description="Your shop's id, SKU or EAN; unique in the catalog.")  # noqa: N815
    name: Annotated[str, Text(max=255, damage=TEXT_DAMAGE)] = Field(description="Name shown to customers.")
    mainCategory: Annotated[str, Text(max=255, damage=TEXT_DAMAGE)] = Field(description="Category shown in e-mails.")  # noqa: N815
    categoryExternalId: Annotated[str | None, Text(max=255, damage=TEXT_DAMAGE)] = Field(  # noqa: N815
        None, description="The shop's category id; derived from mainCategory where absent."
    )
    categories: Annotated[list[str] | None, Items(max=5, of=Text(max=255, damage=TEXT_DAMAGE))] = Field(
        None, description="Other categories."
    )
    description: Annotated[str | None, Text(max=16_384, soft=1024)] = Field(None, description="Description.")
    productUrl: Annotated[str, Text(max=2048, soft=512, grammar=URL)] = Field(  # noqa: N815
        description="Page of the product; visits are matched by it."
    )
    mainImageUrl: Annotated[str | None, Text(max=2048, soft=512, grammar=URL, way_out=_DROP)] = Field(  # noqa: N815
        None, description="Picture for e-mails and frames."
    )
    imageUrls: Annotated[list[str] | None, Items(max=5, of=Text(max=2048, grammar=URL, way_out=_DROP))] = Field(  # noqa: N815
        None, description="Further pictures."
    )
    available: Annotated[bool, Flag()] = Field(description="False hides the product for now.")
    active: Annotated[bool | None, Flag()] = Field(None, description="False: gone from the shop.")
    quantity: Annotated[int | None, Whole()] = Field(None, description="Stock.")
    price: Annotated[Decimal, Money()] = Field(description="Regular price in the catalog's currency.")
    discountPrice: Annotated[Decimal | None, Money()] = Field(None, description="Reduced price.")  # noqa: N815
    systemDetails: SystemDetails | None = Field(None, description="Details SALESmanago uses.")  # noqa: N815
    customDetails: Annotated[dict[str, str] | None, Details(max=MAX_CUSTOM_DETAILS, of=Text(max=255))] = Field(  # noqa: N815
        None, description="Up to five details of your own; some functions know them as detail1 to detail5 only."
    )
    setAsNull: Annotated[list[str] | None, Names(allowed=CLEARABLE)] = Field(  # noqa: N815
        None, description="Fields to clear."
    )

    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            field="price",
            relation="gt",
            bound=Decimal(0),
            text="is zero",
            suggestion="Check that the product is really free.",
        ),
        Relation(
            field="discountPrice",
            relation="lt",
            bound="price",
            text="is not below price",
            suggestion="Leave discountPrice empty where there is no reduction.",
        ),
        Relation(
            field="discountPrice",
            relation="gt",
            bound=Decimal(0),
            text="is zero",
            suggestion="Leave discountPrice empty where there is no reduction.",
        ),
        Relation(
            field="quantity",
            relation="ge",
            bound=Decimal(0),
            text="is negative",
            suggestion="Use 0 for sold out.",
        ),
        Relation(
            field="systemDetails.gender",
            relation="ne",
            bound=Decimal(3),
            text="is 3, which the documentation lists but does not explain",
            suggestion="Use 2 (other), 4 (unisex) or -1 (undefined).",
        ),
    )


def _relations_of(*names: str) -> tuple[Relation, ...]:
    return tuple(relation for relation in Product.relations if relation.field in names)


class PriceUpdate(Record):
    """One entry of ``product/updatePrice``; a null discountPrice clears the reduction (WIRE_FACTS 4)."""

    productId: ProductId  # noqa: N815
    price: Annotated[Decimal, Money()]
    discountPrice: Annotated[Decimal | None, Money()] = None  # noqa: N815

    relations: ClassVar[tuple[Relation, ...]] = _relations_of("price", "discountPrice")


class QuantityUpdate(Record):
    """One entry of ``product/updateQuantity``."""

    productId: ProductId  # noqa: N815
    quantity: Annotated[int | None, Whole()] = None

    relations: ClassVar[tuple[Relation, ...]] = _relations_of("quantity")
