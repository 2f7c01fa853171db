"""The Python that does what the form did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smnotebook.forms.upload.sources import Reading
from smnotebook.frame.fixes import Kinds

__all__ = ["write_script"]


def write_script(
    reading: Reading | None, *, fixes: Sequence[Kinds], catalog_name: str, consents: Mapping[str, Any]
) -> str:
    """Line by line what was done so far; empty where nothing was.

    Parameters
    ----------
    fixes : sequence
        The repairs chosen, one entry for each time.
    catalog_name : str
        Where the table went; empty before it did.
    consents : mapping of str
        Arguments of the upload that were said yes to.
    """
    if reading is None:
        return ""
    lines = [f"df = sm.read_feed({_arguments_of(reading)})", "df.salesmanago.preflight()"]
    lines += [f"df = df.salesmanago.fix({_fix_arguments(kinds)})" for kinds in fixes]
    if catalog_name:
        lines.append(f"catalog = client.catalog({catalog_name!r})")
        lines.append(
            f"result = df.salesmanago.upsert_products({_call(['catalog'], {'errors': 'skip'} | dict(consents))})"
        )
    return "\n".join(lines)


def _arguments_of(reading: Reading) -> str:
    mapping = reading.arguments.get("mapping")
    if not mapping:
        return _call([reading.source.code], reading.arguments)
    others = {name: value for name, value in reading.arguments.items() if name != "mapping"}
    lines = [f"        {field!r}: {source!r}," for field, source in mapping.items()]
    return "\n".join(
        [
            "",
            f"    {_call([reading.source.code], others)},",
            "    mapping={",
            *lines,
            "    },",
            "",
        ]
    )


def _fix_arguments(kinds: Kinds) -> str:
    arguments: dict[str, Any] = {}
    if "trim" in kinds:
        arguments["trim"] = True
    if "bad_images" in kinds:
        arguments["drop_bad_images"] = True
    if "duplicates" in kinds:
        arguments["duplicates"] = "first"
    return _call([repr(kinds)], arguments)


def _call(positional: Iterable[str], named: Mapping[str, Any]) -> str:
    return ", ".join([*positional, *(f"{name}={value!r}" for name, value in named.items())])
