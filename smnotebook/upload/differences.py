"""Payloads laid over each other as the server does it, and held against each other field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["CHANGE_COLUMNS", "changes_by", "flat", "list_changes", "merge"]

CHANGE_COLUMNS = ("position", "productId", "field", "before", "after")


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Fields whose value differs, with both values; None where one has none. Nested fields have a dotted path."""
    names = [*after, *(name for name in before if name not in after)]
    # most members of a changed product are as they were: only the others are worth taking apart
    differing = [name for name in names if before.get(name) != after.get(name)]
    first, second = (dict(flat({name: it[name] for name in differing if name in it})) for it in (before, after))
    paths = [*second, *(path for path in first if path not in second)]
    return [(path, first.get(path), second.get(path)) for path in paths if first.get(path) != second.get(path)]


def flat(product: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a product by dotted path, as a frame's columns name them."""
    for name, value in product.items():
        if name == "setAsNull":  # says how the product travels, not what it is
            continue
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def changes_by(patch: Mapping[str, Any], stored: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What changes in a stored product once a payload has been accepted: an absent key is no change."""
    # most members of a changed product are as they were: only the others are worth laying over each other
    told = {name: value for name, value in patch.items() if stored.get(name) != value}
    before = stored if "setAsNull" in told else {name: stored[name] for name in told if name in stored}
    after = {name: dict(value) if isinstance(value, dict) else value for name, value in before.items()}
    merge(after, told)
    return list_changes(before, after)


def merge(product: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """What an upsert does: an absent key leaves what is stored, null and ``setAsNull`` clear it."""
    cleared = patch.get("setAsNull") or ()
    for name, value in patch.items():
        if name == "setAsNull":
            continue
        if isinstance(value, dict):
            merge(product.setdefault(name, {}), value)
        elif value is None:
            product.pop(name, None)
        else:
            product[name] = value
    for name in cleared:
        product.pop(name, None)
        product.get("customDetails", {}).pop(name, None)
