"""What single shop systems mean by their columns and no table can say: a module each, under the preset's name.

``prepare`` changes the feed's own table before anything is read from it, ``settle`` the draft once its fields are read
and before its rows are joined.
"""

from __future__ import annotations

from collections.abc import Callable

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities import ceneo, magento, prestashop, shopify, wix, woocommerce
from smnotebook.values.findings import Journal

__all__ = ["PREPARE", "SCATTERED", "SETTLE"]

PREPARE: dict[str, Callable[[Columns, Journal], Columns]] = {"magento": magento.prepare, "wix": wix.prepare}

SETTLE: dict[str, Callable[[Draft], None]] = {
    "ceneo": ceneo.settle,
    "json": shopify.settle_answer,
    "magento": magento.settle,
    "prestashop": prestashop.settle,
    "shopify": shopify.settle,
    "wix": wix.settle,
    "woocommerce": woocommerce.settle,
}

#: Presets whose rows name their product's row wherever that stands in the file.
SCATTERED = frozenset({"magento", "woocommerce"})
