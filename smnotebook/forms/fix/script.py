"""The Python that does what FixForm did."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from smnotebook.forms.fix.products import Value
from smnotebook.forms.fix.repair import Repair

__all__ = ["write_script", "write_undo"]


def write_script(repair: Repair, *, catalog_name: str, consents: Iterable[str] = (), is_sent: bool = False) -> str:
    """The table and its comparison, and the call that sends it once that was done."""
    columns = {name: [row[name] for row in repair.rows] for name in repair.rows[0]}
    lines = [f"    {name!r}: [{', '.join(map(_literal, cells))}]," for name, cells in columns.items()]
    clear = [f"clear={list(repair.clear)!r}"] if repair.clear else []
    agreed = [f"{name}=True" for name in consents]
    script = [
        *_imports(value for cells in columns.values() for value in cells),
        f"catalog = client.catalog({catalog_name!r})",
        "df = pd.DataFrame({",
        *lines,
        "})",
        f"df.salesmanago.diff({', '.join(['catalog', *clear])})",
    ]
    if is_sent:
        script.append(f"result = df.salesmanago.{repair.call}({', '.join(['catalog', *clear, *agreed])})")
    return "\n".join(script)


def write_undo(*, over_later: bool) -> str:
    """Taking back what :func:`write_script` has sent."""
    return f"catalog.restore(result.run{', over_later=True' if over_later else ''}).send()"


def _imports(values: Iterable[Value]) -> list[str]:
    exact = any(isinstance(value, Decimal) and not _fits_a_float(value) for value in values)
    return [*(["from decimal import Decimal"] if exact else []), "import pandas as pd"]


def _literal(value: Value) -> str:
    if isinstance(value, Decimal):
        return str(value) if _fits_a_float(value) else repr(value)
    return repr(value)


def _fits_a_float(value: Decimal) -> bool:
    return Decimal(repr(float(value))) == value
