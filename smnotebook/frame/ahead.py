"""Work done ahead of whom it is for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["work_ahead"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


# Executor.map begins all items at once and keeps all results; only from Python 3.14 on can it be held back.
def work_ahead(function: Callable[[_Item], _Result], items: Iterable[_Item], *, threads: int) -> Iterator[_Result]:
    """What ``function`` makes of each item, as many more begun as there are threads while the caller works on one."""
    ahead: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(threads) as workers:
        for item in items:
            ahead.append(workers.submit(function, item))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
