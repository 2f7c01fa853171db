"""The faults in force, and the decision which one a request meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import Any

from smnotebook.errors import UsageError
from smnotebook.sandbox.faults.kinds import Fault, FaultKind

__all__ = ["Faults"]


@dataclass(slots=True, kw_only=True)
class _Active:
    """A fault in force: how many requests it has looked at, how many it has hit."""

    number: int
    fault: Fault
    random: Random
    seen: int = 0
    hit: int = 0

    def is_due(self, path: str) -> bool:
        fault = self.fault
        if not fnmatchcase(path, fault.endpoint):
            return False
        self.seen += 1
        draw = self.random.random()  # drawn for every request, so that a script does not shift the rates
        if (fault.times is not None and self.hit >= fault.times) or draw >= fault.rate:
            return False
        if fault.requests and self.seen not in fault.requests:
            return False
        self.hit += 1
        return True


class Faults:
    """The faults in force; an iterable of (number, Fault).

    Parameters
    ----------
    seed : int
        The same seed, faults and order of requests give the same outcome.
    """

    def __init__(self, seed: int = 0, faults: Iterable[Fault] = ()) -> None:
        self._seed = seed
        self._lock = Lock()
        self._active: list[_Active] = []
        self._added = 0
        for fault in faults:
            self.put(fault)

    def add(self, kind: FaultKind | str, **settings: Any) -> int:
        """Put a fault in force; the settings are the attributes of :class:`Fault`.

        Returns
        -------
        int
            Its number, for :meth:`remove`.

        Raises
        ------
        UsageError
            For an unknown kind or setting, or a setting that makes no sense.
        """
        try:
            fault = Fault(kind=FaultKind.named(kind), **settings)
        except TypeError as error:
            known = ", ".join(name for name in Fault.__dataclass_fields__ if name != "kind")
            raise UsageError(f"a fault has no such setting, or not of this type; the settings are {known}") from error
        return self.put(fault)

    def put(self, fault: Fault) -> int:
        """Put a fault in force that was made before; returns its number."""
        with self._lock:
            self._added += 1
            random = Random(f"{self._seed}:{self._added}")  # noqa: S311 - repeatable on purpose
            self._active.append(_Active(number=self._added, fault=fault, random=random))
            return self._added

    def remove(self, number: int) -> bool:
        """End one fault; False where no fault has this number."""
        with self._lock:
            before = len(self._active)
            self._active = [active for active in self._active if active.number != number]
            return len(self._active) < before

    def clear(self) -> None:
        """End all faults; numbers and draws begin again."""
        with self._lock:
            self._active.clear()
            self._added = 0

    def draw(self, path: str) -> tuple[float, Fault | None]:
        """What a request to ``path`` meets: seconds of delay, and the first fault that is due."""
        delay_seconds, chosen = 0.0, None
        with self._lock:
            for active in self._active:
                if chosen is not None and active.fault.kind is not FaultKind.LATENCY:
                    continue
                if active.is_due(path):
                    if active.fault.kind is FaultKind.LATENCY:
                        delay_seconds += active.fault.seconds
                    else:
                        chosen = active.fault
        return delay_seconds, chosen

    @property
    def hits(self) -> int:
        """How many requests the faults in force have met."""
        with self._lock:
            return sum(active.hit for active in self._active)

    def __iter__(self) -> Iterator[tuple[int, Fault]]:
        with self._lock:
            return iter([(active.number, active.fault) for active in self._active])

    def __len__(self) -> int:
        return len(self._active)

    def __repr__(self) -> str:
        return f"Faults({len(self)} in force)"
