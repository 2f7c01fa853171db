"""Work done ahead of whom it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["work_ahead"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


# Executor.map begins all items at once and keeps all results; only from Python 3.14 on can it be held back.
def work_ahead(function: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
    """What ``function`` makes of each item, the next one's while the caller works on this one's."""
    ahead: Future[_Result] | None = None
    with ThreadPoolExecutor(1) as worker:
        for item in items:
            ready, ahead = ahead, worker.submit(function, item)
            if ready is not None:
                yield ready.result()
        if ahead is not None:
            yield ahead.result()
