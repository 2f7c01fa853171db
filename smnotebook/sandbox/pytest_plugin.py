"""Fixtures for your own tests: a sandbox for each test, and the options it is made with.

In your ``conftest.py``::

    pytest_plugins = ["smnotebook.sandbox.pytest_plugin"]

It is no plugin that loads by itself: a test run that doesn't ask for it should not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from smnotebook.sandbox import Sandbox

__all__ = ["salesmanago_options", "salesmanago_sandbox"]


@pytest.fixture
def salesmanago_options() -> dict[str, Any]:
    """Arguments of the sandbox; override it in a module or a conftest to change them."""
    return {}


@pytest.fixture
def salesmanago_sandbox(salesmanago_options: dict[str, Any]) -> Iterator[Sandbox]:
    """A running, empty :class:`smnotebook.sandbox.Sandbox`, stopped after the test."""
    from smnotebook.sandbox import Sandbox

    with Sandbox(**salesmanago_options) as sandbox:
        yield sandbox
