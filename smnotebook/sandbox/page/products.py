"""The view of one catalog: its products with search, pictures, prices, last change and payload."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from smnotebook.sandbox.page.layout import cell, document, moment, payload, section, table, turn_over
from smnotebook.sandbox.page.markup import Markup, element, joined
from smnotebook.sandbox.store.listings import ListedCatalog, ListedProduct

__all__ = ["show_products"]


def show_products(
    catalog: ListedCatalog,
    found: tuple[int, Sequence[ListedProduct]],
    *,
    search: str,
    screen: int,
    has_pictures: bool,
) -> str:
    """The products of one catalog: search, picture, prices, last change, payload."""
    count, listed = found
    here = f"/catalogs/{catalog.catalog_id}"
    columns = ("Picture", "Product id", "Name", "Category", "Price#", "Stock#", "Shown", "Changed (UTC)", "Stored")
    return document(
        catalog.name,
        "/",
        section(
            f"{catalog.name}: {count:,} of {catalog.products:,} products",
            _search_form(here, search, has_pictures=has_pictures),
            table(
                columns,
                (_product_row(product, catalog.currency, has_pictures=has_pictures) for product in listed),
                empty="No product matches." if search else "No product yet.",
            ),
            turn_over(here, screen, count, q=search, pictures="1" if has_pictures else ""),
        ),
    )


def _search_form(here: str, search: str, *, has_pictures: bool) -> Markup:
    return element(
        "form",
        element(
            "input",
            type="search",
            name="q",
            value=search,
            aria_label="Search by id, name or category",
            placeholder="Id, name or category",
        ),
        element(
            "label",
            element("input", type="checkbox", name="pictures", value="1", checked=has_pictures),
            " pictures (loaded from the shop)",
        ),
        element("button", "Show", type="submit"),
        action=here,
        method="get",
        role="search",
    )


def _product_row(product: ListedProduct, currency: str, *, has_pictures: bool) -> Sequence[Markup]:
    stored = json.loads(product.payload)
    return (
        cell(_picture(stored, has_pictures=has_pictures)),
        cell(product.product_id, kind="id"),
        cell(element("b", stored.get("name", "")), kind="wide"),
        cell(stored.get("mainCategory", "")),
        cell(_prices(stored, currency), kind="number"),
        cell(stored.get("quantity", "-"), kind="number"),
        cell(_visibility(stored)),
        cell(moment(product.changed_at), kind="time"),
        cell(payload(product.payload)),
    )


def _picture(stored: Mapping[str, Any], *, has_pictures: bool) -> Markup:
    name, source = str(stored.get("name", "")), str(stored.get("mainImageUrl", ""))
    if has_pictures and source.lower().startswith(("https://", "http://")):
        return element("img", class_="picture", src=source, alt=name, loading="lazy", referrerpolicy="no-referrer")
    return element("span", name[:1].upper() or "-", class_="picture", aria_hidden="true")


def _prices(stored: Mapping[str, Any], currency: str) -> Markup:
    price, reduced = stored.get("price", "-"), stored.get("discountPrice")
    if reduced is None:
        return joined(f"{price} {currency}")
    return joined(element("s", price), f" {reduced} {currency}")


def _visibility(stored: Mapping[str, Any]) -> Markup:
    if stored.get("active") is False:
        return element("span", "inactive", class_="tag bad")
    if stored.get("available") is False:
        return element("span", "hidden", class_="tag warn")
    return element("span", "shown", class_="tag good")
