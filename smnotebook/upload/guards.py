"""What an upload stops and asks about before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.errors import ConfirmationNeeded
from smnotebook.frame.table import CanonicalTable
from smnotebook.upload.options import Options
from smnotebook.values.questions import Question
from smnotebook.values.report import decisions_of

__all__ = [
    "OVERWRITE_SHARE",
    "ask_about_currency",
    "ask_about_ids",
    "guard_empty",
    "guard_live",
    "guard_overwrite",
    "guard_questions",
]

#: Share of the products known to be stored that one upload may overwrite without being asked about it.
OVERWRITE_SHARE = 0.5
#: Catalogs with fewer known products are not asked about: putting them right again costs one request.
_SMALL_CATALOG = 500
# A thousand rows say as much about whose data it is as a million.
_LOOKED_AT = 1_000
#: Ids that a question shows.
_SHOWN = 3
# RFC 2606: nobody's shop can be there.
_EXAMPLE_HOSTS = ("example.com", "example.org", "example.net")


def guard_empty(table: CanonicalTable, options: Options) -> None:
    """A table without rows is mostly a filter gone wrong."""
    if table.rows == 0 and not options.consent.empty:
        raise ConfirmationNeeded("The frame has no rows, so there is nothing to upload.", argument="allow_empty=True")


def guard_overwrite(changed: int, known: int, options: Options) -> None:
    """Most of a catalog changing at once is mostly a mapping gone wrong."""
    if options.consent.overwrite or known < _SMALL_CATALOG or changed <= OVERWRITE_SHARE * known:
        return
    raise ConfirmationNeeded(
        f"{changed:,} of the {known:,} products known to be stored would be overwritten with other content; nothing was"
        " sent. plan_products(...).changes() shows what would change.",
        argument="allow_overwrite=True",
    )


def ask_about_ids(nearly_known: Mapping[str, str]) -> Question | None:
    """Whether ids that are nearly those of stored products are theirs; None where there are no such ids."""
    if not nearly_known:
        return None
    pairs = tuple(nearly_known.items())
    return Question(
        code="new_ids",
        field="productId",
        readings=("the same products", "new products"),
        examples=tuple(f"{new} (stored: {known})" for new, known in pairs[:_SHOWN]),
        count=len(pairs),
        argument="allow_new_ids=True",
        reason="they differ from ids of stored products only in leading zeros, case or blanks",
    )


def ask_about_currency(frame: pd.DataFrame, catalog: Catalog) -> Question | None:
    """Whether prices that were read in one currency belong into a catalog of another."""
    decision = decisions_of(frame).get("price")
    if decision is None or not decision.currency or not catalog.currency:
        return None
    if decision.currency == catalog.currency.upper():
        return None
    return Question(
        code="currency",
        field="price",
        readings=(f"amounts in {decision.currency}", f"amounts in {catalog.currency}"),
        count=len(frame),
        argument="allow_currency=True",
        reason=f"the prices were read as {decision.currency}, and the catalog {catalog.name!r} is in"
        f" {catalog.currency}",
    )


def guard_questions(questions: Sequence[Question], options: Options) -> None:
    """What a plan asks must be answered before it is sent: with the argument, or by other data."""
    for question in questions:
        match question.code:
            case "new_ids" if not options.consent.new_ids:
                products = "product" if question.count == 1 else "products"
                said = (
                    f"{question.count:,} new {products} would be created whose ids differ from those of stored"
                    f" products only in leading zeros, case or blanks: {', '.join(question.examples)}. Nothing was"
                    " sent. Write the ids as they are stored to update those products."
                )
            case "currency" if not options.consent.currency:
                said = f"Nothing was sent: {question.reason}. Take a catalog of that currency, or convert the prices."
            case "kept_discount":
                products = "product" if question.count == 1 else "products"
                said = (
                    f"{question.count:,} {products} would keep a reduced price that is not below the new price"
                    f" ({'; '.join(question.examples)}). Nothing was sent. Give the reduced prices that are meant, or"
                    " take the stored ones away."
                )
            case _:
                continue
        raise ConfirmationNeeded(said, argument=question.argument)


def guard_live(table: CanonicalTable, catalog: Catalog, options: Options) -> None:
    """Sample data on its way to a real account."""
    if not catalog.client.is_live or options.consent.live:
        return
    urls = table.find("productUrl")
    if urls is None or table.rows == 0:
        return
    seen = [url for url in urls.slice(0, _LOOKED_AT).to_pylist() if url]
    samples = sum(_is_example(url) for url in seen)
    if samples > len(seen) / 2:
        raise ConfirmationNeeded(
            f"The profile {catalog.client.profile.name!r} is live, and most productUrls lead to example.com, where no"
            " shop can be: this looks like sample data. Nothing was sent.",
            argument="allow_live=True",
        )


def _is_example(url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return any(host == example or host.endswith(f".{example}") for example in _EXAMPLE_HOSTS)
