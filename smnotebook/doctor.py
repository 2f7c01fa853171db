"""``smnotebook doctor``: what is installed, configured and missing, one line each."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter

from smnotebook.client import connect
from smnotebook.contract import Authentication
from smnotebook.errors import NotConfigured, SmnotebookError, UsageError
from smnotebook.process import LOADED_VERSION
from smnotebook.profiles import key_age_advice
from smnotebook.sandbox import Sandbox
from smnotebook.settings import (
    default_profile_name,
    find_secret,
    keyring_name,
    ledger_path,
    load_profile,
    profile_names,
)

__all__ = ["Finding", "examine", "print_findings"]

_PACKAGES = ("smnotebook", "pandas", "pyarrow", "pydantic", "requests", "fastapi", "ipywidgets", "matplotlib")
_LARGE_LEDGER_BYTES = 2_000_000_000
_OPTIONAL = {"jupyterlab": "lab", "openpyxl": "excel", "voila": "app"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    is_fine : bool
        False where something that is needed is missing; advice alone does not make it false.
    advice : str
        What to do, empty where there is nothing to do.
    """

    name: str
    found: str
    is_fine: bool = True
    advice: str = ""


def examine() -> list[Finding]:
    """Look at this installation; nothing is changed and nothing leaves the machine."""
    return [*_interpreter(), *_packages(), _keyring(), *_profiles(), _ledger(), _sandbox()]


def _interpreter() -> Iterator[Finding]:
    yield Finding(name="python", found=f"{platform.python_version()} at {sys.executable}")


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        found = LOADED_VERSION if name == "smnotebook" else _version(name)
        advice = "" if found else "Install it again: python -m pip install --force-reinstall smnotebook"
        yield Finding(name=name, found=found or "missing", is_fine=bool(found), advice=advice)
    for name, extra in _OPTIONAL.items():
        found = _version(name)
        advice = "" if found else f"Optional; for it: python -m pip install 'smnotebook[{extra}]'"
        yield Finding(name=name, found=found or "not installed", advice=advice)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _keyring() -> Finding:
    name = keyring_name()
    advice = "" if name else "Keys can't be kept here; set SMNOTEBOOK_<PROFILE>_API_KEY in the environment instead."
    return Finding(name="keyring", found=name or "none that keeps anything", advice=advice)


def _profiles() -> Iterator[Finding]:
    default = default_profile_name()
    try:
        names = sorted({*profile_names(), *filter(None, [default])})
    except UsageError as damaged:
        yield Finding(name="profiles", found="can't be read", is_fine=False, advice=str(damaged))
        return
    if not names:
        yield Finding(name="profiles", found="none saved; connect() takes the embedded sandbox")
    for name in names:
        yield _profile(name, is_default=name == default)


def _profile(name: str, *, is_default: bool) -> Finding:
    title = f"profile {name}" + (" (default)" if is_default else "")
    try:
        profile = load_profile(name)
        find_secret(name, "api_key" if profile.authentication is Authentication.API_KEY_HEADER else "api_secret")
    except (NotConfigured, UsageError) as trouble:
        return Finding(name=title, found="not ready", is_fine=False, advice=str(trouble))
    return Finding(name=title, found=f"{profile.base_url}, key set", advice=key_age_advice(profile) or "")


def _ledger() -> Finding:
    path = ledger_path()
    if path.exists():
        size = path.stat().st_size
        advice = "smnotebook ledger --prune gives old history back." if size > _LARGE_LEDGER_BYTES else ""
        return Finding(name="ledger", found=f"{path}, {size / 1e6:,.1f} MB", advice=advice)
    place = next(folder for folder in path.parents if folder.exists())
    if os.access(place, os.W_OK):
        return Finding(name="ledger", found=f"{path}, made by the first upload")
    advice = f"{place} can't be written to; set SMNOTEBOOK_HOME to a folder of yours."
    return Finding(name="ledger", found=str(path), is_fine=False, advice=advice)


def _sandbox() -> Finding:
    begun = perf_counter()
    try:
        with Sandbox() as sandbox:
            connect(base_url=sandbox.url, api_key=sandbox.api_key).catalogs()
    except SmnotebookError as trouble:
        return Finding(name="sandbox", found="does not answer", is_fine=False, advice=str(trouble))
    return Finding(name="sandbox", found=f"starts and answers in {perf_counter() - begun:.2f} s")


def print_findings(findings: Sequence[Finding]) -> int:
    """Print the findings as a table; the exit status is 1 when something needed is missing."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{'ok' if finding.is_fine else '!!'}  {finding.name:<{width}}  {finding.found}")
        if finding.advice:
            print(f"    {'':<{width}}  {finding.advice}")
    return 0 if all(finding.is_fine for finding in findings) else 1
