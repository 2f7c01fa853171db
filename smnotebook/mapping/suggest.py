"""A mapping suggested for a table nobody has a preset for."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from smnotebook.errors import UsageError
from smnotebook.mapping.candidates import GOOD_ENOUGH, Candidate, candidates, refusal
from smnotebook.mapping.content import LOOKED_AT, look_at_cells
from smnotebook.mapping.field_mapping import Mapping, labels_of
from smnotebook.values.amounts.reading import read_money
from smnotebook.values.cells import from_series
from smnotebook.values.findings import Journal
from smnotebook.values.names import words_of
from smnotebook.values.rules import FieldRule, is_list_field
from smnotebook.values.vocabulary import plain_word

__all__ = ["Mapping", "suggest_mapping"]

# A former price, which is the regular one where there is any.
_FORMER = re.compile(
    r"old|original|regular|compare|former|before|przed|przekresl|regularna|alter|streich|anterior|barre|ancien|pieno|originale|list"
)


def suggest_mapping(frame: pd.DataFrame, *, url_template: str | None = None) -> Mapping:
    """Suggest which columns hold which fields.

    Parameters
    ----------
    url_template : str
        Builds ``productUrl`` where no column holds addresses.

    Raises
    ------
    UsageError
        When the table has no columns.
    """
    if not len(frame.columns):
        raise UsageError("The table has no columns to map.")
    cells = {name: from_series(frame.iloc[:LOOKED_AT, position]) for name, position in labels_of(frame).items()}
    refused = {name: found.reason for name, column in cells.items() if (found := refusal(name, column))}
    open_columns = {name: column for name, column in cells.items() if name not in refused}
    ranked = sorted(
        (found for name, column in open_columns.items() for found in candidates(name, column)),
        key=lambda found: -found.score,
    )
    chosen = _choose(ranked)
    _settle_category(chosen)
    _settle_prices(chosen, open_columns)
    mapping = _as_mapping(chosen, open_columns)
    mapping = _fill_required(mapping, url_template)
    used = {column for rule in mapping.rules for column in rule.columns}
    left = tuple(name for name in open_columns if name not in used)
    return replace(mapping, refused=refused, unmapped=left)


def _choose(ranked: list[Candidate]) -> dict[str, list[Candidate]]:
    """The best column for each field and the best field for each column; list fields take several."""
    chosen: dict[str, list[Candidate]] = {}
    taken: set[str] = set()
    for found in ranked:
        if found.score < GOOD_ENOUGH or found.column in taken:
            continue
        if found.field in chosen and not is_list_field(found.field):
            continue
        chosen.setdefault(found.field, []).append(found)
        taken.add(found.column)
    _gather_images(ranked, chosen, taken)
    return chosen


def _gather_images(ranked: list[Candidate], chosen: dict[str, list[Candidate]], taken: set[str]) -> None:
    """Further image columns (photo 2, photo 3) go into the list; a list alone gives the main image too."""
    main = chosen.get("mainImageUrl")
    if "imageUrls" in chosen and (main is None or main[0].score < chosen["imageUrls"][0].score - 0.2):
        first = chosen["imageUrls"][0]
        chosen["mainImageUrl"] = [replace(first, field="mainImageUrl", reason="the first of its addresses")]
    if "mainImageUrl" not in chosen:
        return
    for found in ranked:
        is_image = found.field == "mainImageUrl" and found.reason.startswith("name")
        if is_image and found.column not in taken and found.score >= GOOD_ENOUGH - 0.1:
            chosen.setdefault("imageUrls", []).append(replace(found, field="imageUrls", reason="a further image"))
            taken.add(found.column)


def _settle_category(chosen: dict[str, list[Candidate]]) -> None:
    """A column of categories gives the main one too, where no other does."""
    if "mainCategory" not in chosen and "categories" in chosen:
        first = chosen["categories"][0]
        chosen["mainCategory"] = [replace(first, field="mainCategory", reason="the first of its categories")]


def _settle_prices(chosen: dict[str, list[Candidate]], cells: dict[str, pa.Array]) -> None:
    """The higher of two prices is the regular one, whatever the columns are called."""
    if "price" not in chosen:
        return
    price = chosen["price"][0]
    if "discountPrice" not in chosen:
        _pair_with_former(price, chosen, cells)
        return
    reduced = chosen["discountPrice"][0]
    if _is_mostly_higher(cells[reduced.column], cells[price.column]):
        reason = "swapped: its amounts are the higher ones"
        chosen["price"] = [replace(reduced, field="price", reason=reason)]
        chosen["discountPrice"] = [replace(price, field="discountPrice", reason="swapped: its amounts are lower")]


def _pair_with_former(price: Candidate, chosen: dict[str, list[Candidate]], cells: dict[str, pa.Array]) -> None:
    """A price beside a former one is the reduced price; where no former one stands, it is the price."""
    former, paid = _former_price(price.column, chosen, cells), price.column
    if former is None and _FORMER.search(plain_word(words_of(price.column))):
        former, paid = price.column, _lower_price(price.column, chosen, cells) or ""
    if former is None or not paid:
        return
    regular = Candidate(
        field="price", column=former, score=price.score, reason="the former price, which is the regular one"
    )
    chosen["price"] = [regular, replace(regular, column=paid)]
    reason = "the price beside a former one"
    chosen["discountPrice"] = [Candidate(field="discountPrice", column=paid, score=price.score, reason=reason)]


def _former_price(price: str, chosen: dict[str, list[Candidate]], cells: dict[str, pa.Array]) -> str | None:
    for name in _free_prices(chosen, cells):
        if _FORMER.search(plain_word(words_of(name))) and _is_mostly_higher(cells[name], cells[price]):
            return name
    return None


def _lower_price(former: str, chosen: dict[str, list[Candidate]], cells: dict[str, pa.Array]) -> str | None:
    return next(
        (name for name in _free_prices(chosen, cells) if _is_mostly_higher(cells[former], cells[name])),
        None,
    )


def _free_prices(chosen: dict[str, list[Candidate]], cells: dict[str, pa.Array]) -> list[str]:
    """Columns of prices that feed no field yet."""
    taken = {found.column for several in chosen.values() for found in several}
    free = (name for name in cells if name not in taken)
    return [name for name in free if any(found.field == "price" for found in candidates(name, cells[name]))]


def _is_mostly_higher(one: pa.Array, other: pa.Array) -> bool:
    left, right = (
        read_money(column, Journal(), field="price").values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        for column in (one, other)
    )
    both = ~np.isnan(left) & ~np.isnan(right)
    return bool(both.any() and (left[both] > right[both]).mean() > 0.5)


def _as_mapping(chosen: dict[str, list[Candidate]], cells: dict[str, pa.Array]) -> Mapping:
    rules, notes = [], {}
    listed = {found.column for found in chosen.get("categories", ())}
    for name, several in chosen.items():
        columns = tuple(dict.fromkeys(found.column for found in several))
        rules.append(
            FieldRule(
                field=name,
                columns=columns,
                transform=_transform(name, cells[columns[0]], is_shared=columns[0] in listed),
            )
        )
        notes[name] = (several[0].score, several[0].reason)
    return Mapping(rules=tuple(rules), notes=notes)


def _transform(name: str, column: pa.Array, *, is_shared: bool) -> str:
    """A transform other than the field's own, where the cells ask for one."""
    looks = look_at_cells(column)
    if name == "mainCategory" and looks["path"] > 0.05:
        return "deepest"
    if name == "mainCategory" and is_shared:
        return "first"
    if name == "mainImageUrl":
        return "first_url"
    return ""


def _fill_required(mapping: Mapping, url_template: str | None) -> Mapping:
    """Availability from the stock or taken for granted; addresses from the template."""
    if "available" not in mapping and "quantity" in mapping:
        note = (GOOD_ENOUGH, "available where the quantity is above 0")
        mapping = _noted(
            mapping.set("available", mapping["quantity"].columns, transform="availability"), "available", note
        )
    elif "available" not in mapping:
        note = (0.0, "no column says so: taken for available")
        mapping = _noted(mapping.set("available", constant=True), "available", note)
    if "mainCategory" in mapping and "categories" not in mapping and mapping["mainCategory"].transform == "deepest":
        rule = mapping["mainCategory"]
        note = (GOOD_ENOUGH, "the other levels of the category path")
        mapping = _noted(mapping.set("categories", rule.columns, transform="other_levels"), "categories", note)
    if url_template is not None:
        note = (1.0, "the template that was given")
        mapping = _noted(mapping.set("productUrl", transform=f"template:{url_template}"), "productUrl", note)
    return mapping


def _noted(mapping: Mapping, name: str, note: tuple[float, str]) -> Mapping:
    return replace(mapping, notes={**mapping.notes, name: note})
