"""The public door as it was promised: names, arguments and result attributes may be added, never taken away.

``python tests/test_public_signatures.py`` writes the record anew after something was added; read the diff.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import re
import sys
import typing
from pathlib import Path

RECORD = Path(__file__).with_name("public_signatures.json")

#: What a user holds: the classes and functions of the door, and what they give back.
HELD = [
    "smnotebook:Client",
    "smnotebook:Contact",
    "smnotebook:Event",
    "smnotebook:Mapping",
    "smnotebook:Sandbox",
    "smnotebook:connect",
    "smnotebook:load_rules",
    "smnotebook:read_feed",
    "smnotebook:reading_report",
    "smnotebook:rules",
    "smnotebook.accessor:SalesmanagoAccessor",
    "smnotebook.catalog:Catalog",
    "smnotebook.events:DryRun",
    "smnotebook.feeds:ReadingReport",
    "smnotebook.forms:CatalogForm",
    "smnotebook.forms:ConnectForm",
    "smnotebook.forms:EventForm",
    "smnotebook.forms:FixForm",
    "smnotebook.forms:UploadForm",
    "smnotebook.frame.event_report:ContactReport",
    "smnotebook.frame.event_report:EventReport",
    "smnotebook.frame.fixes:Fixes",
    "smnotebook.frame.outcome:UploadReport",
    "smnotebook.frame.report:PreflightReport",
    "smnotebook.upload:UploadPlan",
    "smnotebook.upload.diffing:CatalogDiff",
    "smnotebook.values:Finding",
    "smnotebook.values:Question",
    "smnotebook.wire:RetryPolicy",
]


def arguments_of(code: object) -> list[str]:
    """The arguments that a call takes by name, those of an unpacked TypedDict among them."""
    names: list[str] = []
    for name, parameter in inspect.signature(code).parameters.items():
        unpacked = re.fullmatch(r"Unpack\[(\w+)]", str(parameter.annotation))
        names += sorted(typed_dict(unpacked[1]).__annotations__) if unpacked else [name]
    return [name for name in names if name not in ("self", "cls")]


def typed_dict(name: str) -> type:
    """The TypedDict of this name, in whichever module of the package it stands."""
    modules = (module for key, module in sorted(sys.modules.items()) if key.startswith("smnotebook"))
    return next(vars(module)[name] for module in modules if typing.is_typeddict(vars(module).get(name)))


def attributes_of(class_: type) -> dict[str, object]:
    """Public members of a class: methods with their arguments, properties and fields with None."""
    found: dict[str, object] = {}
    for name in sorted({*dir(class_), *(f.name for f in _fields(class_))}):
        definer = next((base for base in class_.__mro__ if name in vars(base)), class_)
        if name.startswith("_") or not definer.__module__.startswith("smnotebook"):
            continue  # what a library's class brings along differs from version to version
        member = inspect.getattr_static(class_, name, None)
        code = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        found[name] = arguments_of(code) if inspect.isfunction(code) else None
    return found


def _fields(class_: type) -> tuple[dataclasses.Field[object], ...]:
    return dataclasses.fields(class_) if dataclasses.is_dataclass(class_) else ()


def surface() -> dict[str, object]:
    places = [place.split(":") for place in HELD]
    modules = {module: importlib.import_module(module) for module, _ in places}
    found = {}
    for module, name in places:
        value = getattr(modules[module], name)
        found[name] = attributes_of(value) if inspect.isclass(value) else arguments_of(value)
    return found


def missing(recorded: object, today: object) -> object:
    """What the record holds and today's surface does not."""
    if isinstance(recorded, dict):
        kept = today if isinstance(today, dict) else {}
        gone = {name: missing(was, kept.get(name)) for name, was in recorded.items() if name in kept}
        gone |= {name: "gone" for name in recorded if name not in kept}
        return {name: what for name, what in gone.items() if what}
    if isinstance(recorded, list):
        return [name for name in recorded if name not in (today or [])]
    return None


def test_nothing_of_the_public_door_was_taken_away():
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert missing(recorded, surface()) == {}


def test_the_record_is_complete():
    """Added names are recorded with the change that adds them."""
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert missing(json.loads(json.dumps(surface())), recorded) == {}


if __name__ == "__main__":
    RECORD.write_text(json.dumps(surface(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
