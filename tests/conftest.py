"""What every test gets: a home of its own, no keys, no network beyond loopback."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")  # two shared cores: a deadline would measure the neighbours

_HOME_VARIABLES = (
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory):
    """Nothing that a test writes reaches the developer's ledger, settings, keyring or Jupyter."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("SALESMANAGO", "SMNOTEBOOK", "JUPYTER", "IPYTHON"))]:
        patch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    for name in _HOME_VARIABLES:
        patch.setenv(name, str(home))
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    patch.setenv("MPLBACKEND", "Agg")
    yield home
    patch.undo()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    """A connection to anywhere but this machine fails at once, with a word."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def require() -> Callable[[str], ModuleType]:
    """Imports what an extra installs. Where it is missing the test is skipped with a word; in CI it fails."""

    def import_it(name: str) -> ModuleType:
        if find_spec(name) is None:
            _lacks(f"no {name}: pip install 'smnotebook[test]'")
        return import_module(name)

    return import_it


def _lacks(word: str) -> NoReturn:
    pytest.fail(word, pytrace=False) if os.environ.get("CI") else pytest.skip(word)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium for tests marked ``browser``; required in CI, elsewhere a reason to skip."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        _lacks("no Chromium: install it, or set CHROMIUM to its path")
    return path


@pytest.fixture(scope="session")
def driver(chromium):
    """What drives Chromium: one a process, since Playwright allows no second one beside it."""
    with pytest.importorskip("playwright.sync_api").sync_playwright() as running:
        yield running
