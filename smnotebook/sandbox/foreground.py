"""The sandbox in the foreground, as ``smnotebook sandbox`` runs it."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from pydantic import SecretStr

from smnotebook.contract import Plan
from smnotebook.sandbox.faults.settings import parse_fault
from smnotebook.sandbox.sandbox import Sandbox

__all__ = ["serve"]

_TICK_SECONDS = 0.5  # on Windows a wait without end would not notice Ctrl+C


def serve(
    *,
    port: int = 0,
    api_key: str | SecretStr | None = None,
    db: str | Path | None = None,
    plan: Plan = "none",
    hourly_limit: int | None = None,
    seed: int | None = None,
    faults: Sequence[str] = (),
    env: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM; the first line on stdout is a JSON object of :attr:`Sandbox.credentials`.

    Parameters
    ----------
    env : bool
        Write the credentials as lines for a shell, ``export SANDBOX_URL=...``, and then an empty line.
    faults : sequence of str
        Each as :func:`smnotebook.sandbox.faults.settings.parse_fault` reads it, for example
        ``unavailable:endpoint=/v3/product/upsert,requests=3-5,retry_after=2``.

    Raises
    ------
    SandboxError, UsageError
        When the port or the file can't be used, or a setting makes no sense.
    """
    sandbox = Sandbox(
        db,
        api_key,
        port=port,
        plan=plan,
        hourly_limit=hourly_limit,
        seed=seed,
        faults=[parse_fault(text) for text in faults],
    )
    with _end_signals() as ended, sandbox:
        sys.stdout.write(_exports(sandbox.credentials) if env else json.dumps(sandbox.credentials) + "\n")
        sys.stdout.flush()
        while not ended.wait(_TICK_SECONDS):
            pass


def _exports(credentials: Mapping[str, str]) -> str:
    return "".join(f"export SANDBOX_{name.upper()}={shlex.quote(text)}\n" for name, text in credentials.items()) + "\n"


@contextmanager
def _end_signals() -> Iterator[Event]:
    """SIGINT and SIGTERM as an event, so that the end of the program is an ordinary one."""
    ended = Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
