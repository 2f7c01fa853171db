"""The public surface: what a door names is there, what is there is named, and all of it is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import smnotebook

PACKAGE = Path(smnotebook.__file__).parent
MODULES = sorted(
    ".".join(("smnotebook", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)
DOORS = sorted(
    ".".join(("smnotebook", *path.parent.relative_to(PACKAGE).parts)) for path in PACKAGE.rglob("__init__.py")
)


def names_of(door: object) -> list[str]:
    """What a door lists; one that only says what its folder is for lists nothing."""
    return list(getattr(door, "__all__", ()))


def style_of_sorting(name: str) -> tuple[bool, bool, str]:
    """Constants, then types, then functions: the order that ruff writes."""
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize("name", DOORS)
def test_a_door_has_a_sorted_list_of_names(name):
    names = names_of(importlib.import_module(name))
    assert names == sorted(set(names), key=style_of_sorting)


@pytest.mark.parametrize("name", DOORS)
def test_a_door_names_what_is_there(name):
    door = importlib.import_module(name)
    assert [public for public in names_of(door) if not hasattr(door, public)] == []
    assert set(names_of(door)) <= set(dir(door))
    assert brought_in(name, Path(door.__file__)) <= set(names_of(door))


def brought_in(name: str, door: Path) -> set[str]:
    """Public names that a door defines, or imports from the rooms behind it."""
    found = set()
    for node in ast.parse(door.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{name}."):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
    return {public for public in found if not public.startswith("_")}


def public_definitions(module_name: str) -> dict[str, object]:
    """The public classes and functions that a module defines, and the public members of those classes."""
    module = importlib.import_module(module_name)
    found: dict[str, object] = {}
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if getattr(value, "__module__", None) != module_name:
            continue  # documented where it is defined
        if inspect.isclass(value) or inspect.isfunction(value):
            found[name] = value
        if inspect.isclass(value):
            found |= {f"{name}.{member}": code for member, code in own_members(value)}
    return found


def own_members(class_: type) -> list[tuple[str, object]]:
    return [
        (name, getattr(class_, name))
        for name, value in vars(class_).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, (property, classmethod, staticmethod)))
    ]


@pytest.mark.extras  # the page of its own is built on one
def test_every_public_name_says_what_it_gives():
    texts = {
        f"{module}.{public}": inspect.getdoc(code) or ""
        for module in MODULES
        for public, code in public_definitions(module).items()
    }
    assert [name for name, text in texts.items() if not text.strip()] == []
    # a dataclass without a docstring is given its signature as one
    assert [name for name, text in texts.items() if text.startswith(f"{name.rpartition('.')[2]}(")] == []


@pytest.mark.extras  # the page of its own is built on one
def test_every_module_says_its_job_in_its_first_line():
    firsts = {name: (importlib.import_module(name).__doc__ or "").strip().partition("\n")[0] for name in MODULES}
    assert [name for name, first in firsts.items() if not first.endswith((".", ":"))] == []
