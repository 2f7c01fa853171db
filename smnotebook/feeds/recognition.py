"""Which preset fits a table, how sure that is, and why."""

from __future__ import annotations

from dataclasses import dataclass

from smnotebook.errors import UsageError
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.presets import Preset, VariantColumns, all_presets
from smnotebook.values.cells import is_list
from smnotebook.values.rules import FieldRule, is_field, is_list_field

__all__ = ["Recognition", "is_product_frame", "own_preset", "recognise", "refuse_misfit"]

#: Below it a table is left as it is, for a mapping to be made.
SURE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A preset that fits, from 0 (not at all) to 1."""

    preset: Preset | None
    confidence: float
    reason: str


def recognise(columns: Columns, *, kind: str) -> Recognition:
    """Try every preset on the column names; ``kind`` is that of the file, and a preset may be for some kinds only."""
    tried = [
        _try(preset, columns)
        for preset in all_presets().values()
        if not preset.formats or kind in preset.formats or kind == "frame"
    ]
    # among equals the one that asks for more
    best = max(tried, key=lambda found: (found.confidence, len(found.preset.needs) if found.preset else 0))
    if best.confidence >= SURE_ENOUGH:
        return best
    near = f"; nearest is {best.preset.name} at {best.confidence:.0%}" if best.preset and best.confidence else ""
    reason = f"no preset fits these columns{near}: make a mapping with frame.salesmanago.suggest_mapping()"
    return Recognition(preset=None, confidence=best.confidence, reason=reason)


def own_preset(rules: tuple[FieldRule, ...], columns: Columns) -> Preset:
    """What the caller's mapping alone says; variants that a product lists in columns of lists are rows of their own."""
    names = [
        found
        for rule in rules
        if not is_list_field(rule.field)
        for name in rule.columns
        if (found := columns.find(name)) is not None and is_list(columns.table.column(found).type)
    ]
    prefixes = {name.rpartition(".")[0] for name in names}
    variants = VariantColumns()
    if len(prefixes) == 1 and (prefix := prefixes.pop()):
        ids = next((rule.columns for rule in rules if rule.field == "productId"), ())
        group = tuple(name for name in ids if not name.startswith(f"{prefix}."))
        variants = VariantColumns(group=group, explode=f"{prefix}.", id=(f"{prefix}.sku", f"{prefix}.id"))
    return Preset(name="mapping", title="The caller's own mapping", overrides=rules, variants=variants)


def _try(preset: Preset, columns: Columns) -> Recognition:
    needed = [columns.find_all(need) for need in preset.needs]
    if not all(needed):
        return Recognition(preset=preset, confidence=0.0, reason="")
    usual = columns.find_all(preset.usual)
    expected = max(1, min(len(preset.usual), 8))
    confidence = round(0.5 + 0.5 * min(1.0, len(usual) / expected), 2)
    shown = [names[0] for names in needed]
    shown += [name for name in usual if name not in shown][: 6 - len(shown)]
    reason = f"{len(usual)} of its {len(preset.usual)} usual columns, among them {', '.join(shown)}"
    return Recognition(preset=preset, confidence=confidence, reason=reason)


def refuse_misfit(preset: Preset, columns: Columns) -> None:
    """Raise when a preset was named whose columns are not there.

    Raises
    ------
    UsageError
        It says what is missing, and which preset would fit.
    """
    missing = [" or ".join(need[:3]) for need in preset.needs if not columns.find_all(need)]
    mapped = {rule.field for rule in preset.overrides}
    if not missing or {"productId", "name", "price"} <= mapped:
        return
    fitting = [other.name for other in all_presets().values() if _try(other, columns).confidence >= SURE_ENOUGH]
    advice = f"preset={fitting[0]!r} would fit" if fitting else "use preset=None and suggest_mapping()"
    raise UsageError(
        f"This is no {preset.title}: it has no column {'; none '.join(missing)}. {advice[0].upper()}{advice[1:]}."
    )


def is_product_frame(names: list[str]) -> bool:
    """Whether the columns already carry the API's own names: its id and at least two fields more."""
    return "productId" in names and sum(is_field(name) for name in names) >= 3
