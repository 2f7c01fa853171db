"""Two fields as an analyst writes them, and the canonical form they travel in: a time, and a list of product ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smnotebook.contract.events import EARLIEST_LIKELY, LATEST, Moment
from smnotebook.contract.fields import Broken, Constraint, Fault, Rule, Text, is_missing, whole_number
from smnotebook.contract.reasons import ReasonCode
from smnotebook.errors import UsageError

__all__ = ["Ambiguous", "JoinedIds", "When", "find_zone"]

#: Which of the two a time is that came twice, when clocks went back.
Ambiguous = Literal["earlier", "later"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def find_zone(name: str) -> tzinfo:
    """The time zone of an IANA name such as ``Europe/Warsaw``.

    Raises
    ------
    UsageError
        There is no such zone here.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise UsageError(
            f"There is no time zone {name!r}. Use an IANA name such as 'Europe/Warsaw' or 'UTC'."
        ) from None


@dataclass(frozen=True, kw_only=True)
class When(Moment):
    """A time in any form an analyst has it, read as milliseconds since 1970.

    A datetime, a date (its midnight), ISO 8601 text, or milliseconds. What names no zone of its own is in ``zone``;
    without one it is refused, since a guess would be wrong by hours.

    Attributes
    ----------
    zone : str or None
        IANA name of the zone of times that have none.
    ambiguous : {"earlier", "later"} or None
        Which one a time without a zone is that came twice; with None such a time is refused, unless it is a datetime
        whose ``fold`` says that it is the later.
    """

    zone: str | None = None
    ambiguous: Ambiguous | None = None

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a date and time",
                suggestion="Give a datetime, ISO 8601 text such as 2026-11-21T14:30:00+01:00, or milliseconds.",
                type_name="integer",
            ),
            Rule(
                name="zone",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="names no time zone, so the moment is open by hours",
                suggestion="Say which zone it is in: timezone='Europe/Warsaw'.",
            ),
            Rule(
                name="skipped",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="never was: clocks went over this hour when summer time began",
                suggestion="Correct the time, or give it with its offset.",
            ),
            Rule(
                name="ambiguous",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="came twice: clocks went back over this hour when summer time ended",
                suggestion="Give it with its offset, or say which one is meant: ambiguous='earlier' or 'later'.",
            ),
            Rule(
                name="range",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text="lies before 1970 or after the year 9999",
                suggestion="Give milliseconds: microseconds and nanoseconds end up far in the future.",
                maximum=LATEST,
            ),
            Rule(
                name="seconds",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="lies in the early 1970s: these look like seconds, not milliseconds",
                suggestion="Multiply by 1000.",
            ),
        )

    def coerce(self, value: Any) -> int:
        number = self._milliseconds(value)
        if not 0 <= number <= LATEST:
            raise self.broken("range")
        if number < EARLIEST_LIKELY:
            raise self.broken("seconds")
        return number

    def _milliseconds(self, value: Any) -> int:
        if hasattr(value, "astype"):  # numpy's datetime64, whose own conversion may give bare nanoseconds
            value = value.astype("datetime64[us]").item() if str(value.dtype).startswith("datetime64") else value.item()
        if isinstance(value, str):
            value = self._parsed(value)
        if isinstance(value, date):
            return self._since_epoch(value if isinstance(value, datetime) else datetime.combine(value, time()))
        number = whole_number(value)
        if number is None:
            raise self.broken("type")
        return number

    def advise(self, value: int) -> tuple[Fault, ...]:  # noqa: ARG002 - seconds are an error here
        return ()

    def _parsed(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise self.broken("type") from None

    def _since_epoch(self, moment: datetime) -> int:
        if moment.tzinfo is None or moment.utcoffset() is None:
            moment = self._placed(moment)
        return int((moment - _EPOCH) // _MILLISECOND)

    def _placed(self, local: datetime) -> datetime:
        """A time without a zone, put into this one."""
        if self.zone is None:
            raise self.broken("zone")
        earlier = local.replace(tzinfo=find_zone(self.zone), fold=0)
        later = earlier.replace(fold=1)
        try:
            returned = earlier.astimezone(UTC).astimezone(earlier.tzinfo)
        except OverflowError:
            raise self.broken("range") from None
        if returned.replace(tzinfo=None) != local:
            raise self.broken("skipped")
        if earlier.utcoffset() == later.utcoffset():
            return earlier
        if self.ambiguous is None and not local.fold:  # which says nothing: it is what every datetime begins with
            raise self.broken("ambiguous")
        return later if self.ambiguous == "later" or (self.ambiguous is None and local.fold) else earlier


_ID = Text(max=255)


@dataclass(frozen=True, kw_only=True)
class JoinedIds(Constraint):
    """Ids as a list, or as one text with commas between them; read as one text without blanks around the ids.

    Attributes
    ----------
    max : int
        Most characters of the whole text.
    """

    max: int
    of: Text = _ID

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a list of ids",
                suggestion="Give a list of texts, or one text with commas between the ids.",
                type_name="array",
            ),
            self.of.rules["unicode"],
            Rule(
                name="comma",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="holds an id with a comma, and commas part the ids on their way",
                suggestion="Leave this product out, or give it another id in the catalog.",
            ),
            Rule(
                name="length",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text=f"makes more than {self.max} characters when joined by commas",
                suggestion="Keep the products that matter.",
                maximum=self.max,
            ),
        )

    def read(self, value: Any) -> str | None:
        ids = self._listed(value) if isinstance(value, (list, tuple)) else self._split(value)
        joined = ",".join(part for part in map(str.strip, ids) if part)
        if len(joined) > self.max:
            raise self.broken("length")
        return joined or None

    def _split(self, value: Any) -> Sequence[str]:
        return self._text(value, None).split(",")

    def _listed(self, value: Sequence[Any]) -> Sequence[str]:
        ids: list[str] = []
        for position, entry in enumerate(value):
            if is_missing(entry):
                continue
            text = self._text(entry, position)
            if "," in text:
                raise Broken((position, self.rules["comma"]))
            ids.append(text)
        return ids

    def _text(self, value: Any, position: int | None) -> str:
        try:
            return self.of.coerce(value)
        except Broken as broken:
            raise Broken((position, self.rules[broken.faults[0][1].name])) from None
