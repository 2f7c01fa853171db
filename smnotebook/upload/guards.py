"""What an upload stops and asks about before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from smnotebook.catalog import Catalog
from smnotebook.errors import ConfirmationNeeded
from smnotebook.frame.table import CanonicalTable
from smnotebook.upload.options import Options
from smnotebook.values.questions import Question

__all__ = ["OVERWRITE_SHARE", "ask_about_ids", "guard_empty", "guard_live", "guard_new_ids", "guard_overwrite"]

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


def guard_new_ids(questions: Sequence[Question], options: Options) -> None:
    """Ids that a spreadsheet took the zeros off would make a second product of each."""
    if options.consent.new_ids:
        return
    for question in questions:
        products = "product" if question.count == 1 else "products"
        raise ConfirmationNeeded(
            f"{question.count:,} new {products} would be created whose ids differ from those of stored products only"
            f" in leading zeros, case or blanks: {', '.join(question.examples)}. Nothing was sent. Write the ids as"
            " they are stored to update those products.",
            argument=question.argument,
        )


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
