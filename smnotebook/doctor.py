"""``smnotebook doctor``: what is installed, configured and missing, one line each."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

__all__ = ["Finding", "examine", "print_findings"]

_PACKAGES = ("smnotebook", "pandas", "pyarrow", "pydantic", "requests", "fastapi", "ipywidgets", "matplotlib")
_OPTIONAL = {"jupyterlab": "lab", "openpyxl": "excel"}


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
    return [*_interpreter(), *_packages()]


def _interpreter() -> Iterator[Finding]:
    yield Finding(name="python", found=f"{platform.python_version()} at {sys.executable}")


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        found = _version(name)
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


def print_findings(findings: Sequence[Finding]) -> int:
    """Print the findings as a table; the exit status is 1 when something needed is missing."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{'ok' if finding.is_fine else '!!'}  {finding.name:<{width}}  {finding.found}")
        if finding.advice:
            print(f"    {'':<{width}}  {finding.advice}")
    return 0 if all(finding.is_fine for finding in findings) else 1
