"""A frame of events to an account: checked, guarded, sent once, every answer joined to its row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypedDict, get_args

import numpy as np
import pandas as pd

from smnotebook.client import Client
from smnotebook.contract import MAX_EVENTS
from smnotebook.contract.event_fields import Ambiguous, find_zone
from smnotebook.contract.event_surroundings import Surroundings
from smnotebook.errors import PreflightFailed, UsageError
from smnotebook.events.encodings import hold_to_v2_places
from smnotebook.events.guard import guard_contacts
from smnotebook.events.journal import open_journal
from smnotebook.events.surroundings import look_around
from smnotebook.frame.event_checks import check_events, product_ids_of
from smnotebook.frame.event_report import EventReport
from smnotebook.frame.event_table import EventColumns, read_events
from smnotebook.frame.outcome import Outcomes, Status
from smnotebook.frame.report import PreflightReport
from smnotebook.upload.batch import Batch
from smnotebook.upload.ending import Ending, raise_unless_well, state_of, totals_of, warnings_of
from smnotebook.upload.event_channel import EventChannel
from smnotebook.upload.event_rows import keyed_rows
from smnotebook.upload.interrupt import Interrupts, stop_on_interrupt
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.options import OnErrors
from smnotebook.upload.pace import Pace
from smnotebook.upload.progress import Watch, watch_of
from smnotebook.upload.sender import Sender
from smnotebook.upload.watching import Watcher

__all__ = ["EventArguments", "preflight_events", "read_and_check", "send_events"]


class EventArguments(TypedDict, total=False):
    """The keyword arguments of :func:`send_events` but for its progress."""

    errors: OnErrors
    timezone: str | None
    ambiguous: Ambiguous | None
    carry: Mapping[str, str] | None
    ensure_contacts: bool
    to_real_contacts: bool
    feed_locations: Collection[str]
    resend_unknown: bool
    send_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    errors: OnErrors
    timezone: str | None
    ambiguous: Ambiguous | None
    carry: Mapping[str, str] = field(default_factory=dict)
    ensure_contacts: bool
    to_real_contacts: bool
    feed_locations: Collection[str]
    resend_unknown: bool
    send_again: bool


def preflight_events(
    frame: pd.DataFrame,
    client: Client,
    *,
    timezone: str | None = None,
    ambiguous: Ambiguous | None = None,
    carry: Mapping[str, str] | None = None,
    feed_locations: Collection[str] = (),
) -> PreflightReport:
    """Find everything about a frame of events that API v2 would refuse or ignore; no event is sent.

    Locations are compared with the account's catalogs, and product ids with what the ledger knows to be stored.
    """
    return read_and_check(frame, client, timezone, carry or {}, feed_locations, ambiguous=ambiguous)[1]


def read_and_check(
    frame: pd.DataFrame,
    client: Client,
    timezone: str | None,
    carry: Mapping[str, str],
    feed_locations: Collection[str] = (),
    *,
    ambiguous: Ambiguous | None = None,
) -> tuple[EventColumns, PreflightReport]:
    """A frame of events, read and compared with all that is known; see :func:`send_events`.

    Raises
    ------
    UsageError
        An argument is not one of those listed.
    """
    if timezone is not None:
        find_zone(timezone)
    if ambiguous not in (None, *get_args(Ambiguous)):
        raise UsageError(f"ambiguous={ambiguous!r}: choose 'earlier' or 'later'.")
    hold_to_v2_places(carry)
    if strange := sorted(set(carry) - {"type", "currency"}):
        raise UsageError(
            f"carry names {', '.join(strange)}; of a frame it takes type and currency. Rename other columns."
        )
    events = read_events(frame, zone=timezone, ambiguous=ambiguous, carry=carry)
    return events, check_events(frame, events, _surroundings(client, events, feed_locations))


def _surroundings(client: Client, events: EventColumns, feed_locations: Collection[str]) -> Surroundings:
    """What is known that these events are compared with; nobody is asked where they name neither place nor product."""
    if events.rows_as_given.find("location") is None and events.rows_as_given.find("products") is None:
        return Surroundings()
    return look_around(client, product_ids_of(events), feed_locations=feed_locations)


def send_events(
    frame: pd.DataFrame,
    client: Client,
    *,
    errors: OnErrors = "raise",
    timezone: str | None = None,
    ambiguous: Ambiguous | None = None,
    carry: Mapping[str, str] | None = None,
    ensure_contacts: bool = True,
    to_real_contacts: bool = False,
    feed_locations: Collection[str] = (),
    resend_unknown: bool = False,
    send_again: bool = False,
    progress: Watch | bool = True,
) -> EventReport:
    """Send the events of a frame by API v2, up to 1000 a request; none is sent a second time by itself.

    The same call again sends what was not sent yet: rows accepted before come back as unchanged, rows without an
    answer as unknown.

    Parameters
    ----------
    frame : DataFrame
        One event a row: type, email or contactId, date, value, products, location, detail1 to detail20, externalId,
        shopDomain, description.
    errors : {"raise", "skip"}
        ``raise``: nothing is sent while preflight finds errors. ``skip``: good rows go, the others come back in
        ``EventReport.rejected``.
    timezone : str, optional
        IANA name of the zone that dates without one are in.
    ambiguous : {"earlier", "later"}, optional
        Which one a time in that zone is that came twice, when clocks went back in autumn; without it preflight asks
        (``PreflightReport.questions``).
    carry : mapping of str to str, optional
        Where ``currency``, and the names of types that API v2 does not know, travel:
        ``{"currency": "detail9", "type": "detail10"}``.
    ensure_contacts : bool
        Tell the server of the contacts first; it drops events of contacts that it does not know.
    to_real_contacts : bool
        Needed on a live profile where some contacts are not among its ``test_addresses``.
    feed_locations : collection of str
        Locations that are right although no catalog has them: those of XML feeds, which the API does not list.
    resend_unknown, send_again : bool
        Send events again that were never answered, or that were accepted before.

    Raises
    ------
    PreflightFailed
        Preflight found errors and ``errors`` is ``raise``; nothing was sent.
    ConfirmationNeeded
        Real contacts; nothing was sent.
    UploadFailed
        With the report. Events are unknown or unsent at the end, whatever ``errors`` is; or the server refused some,
        and ``errors`` is ``raise``.
    """
    if errors not in ("raise", "skip"):
        raise UsageError(f"errors={errors!r}: choose 'raise' or 'skip'.")
    options = _Options(
        errors=errors,
        timezone=timezone,
        ambiguous=ambiguous,
        carry=carry or {},
        ensure_contacts=ensure_contacts,
        to_real_contacts=to_real_contacts,
        feed_locations=feed_locations,
        resend_unknown=resend_unknown,
        send_again=send_again,
    )
    return _send(frame, client, options, watch_of(progress))


def _send(frame: pd.DataFrame, client: Client, options: _Options, watch: Watch | None) -> EventReport:
    mishaps = Mishaps()
    with stop_on_interrupt(mishaps) as interrupts:
        events, preflight = read_and_check(
            frame, client, options.timezone, options.carry, options.feed_locations, ambiguous=options.ambiguous
        )
        if options.errors == "raise" and not preflight.ok:
            raise PreflightFailed(
                f"Nothing was sent: preflight found {preflight.errors:,} error{'' if preflight.errors == 1 else 's'} "
                f"in {len(preflight.refused):,} row{'' if len(preflight.refused) == 1 else 's'}.\n"
                f"{preflight!r}\nMend them, or send the good rows only with errors='skip'.",
                report=preflight,
            )
        outcomes = Outcomes(len(frame))
        outcomes.refuse_by_preflight(preflight)
        waiting = outcomes.waiting
        guard_contacts(client, _addresses(events, waiting), to_real_contacts=options.to_real_contacts)
        pace = Pace(1)
        watcher = Watcher(
            rows=len(waiting),
            requests=-(-len(waiting) // MAX_EVENTS),
            pace=pace,
            quota=client.connection.quota,
            watch=watch,
            interrupts=interrupts,
            mishaps=mishaps,
        )
        ending, run = Ending(is_interrupted=interrupts.stop.is_set()), None
        if not ending.is_interrupted:
            run, ending = _send_rows(client, events, outcomes, options, pace, watcher, interrupts, mishaps)
    report = EventReport(
        frame=frame,
        preflight=preflight,
        outcomes=outcomes,
        requests=ending.requests,
        catalog_name=client.place if client.is_live else "the sandbox",
        resend=partial(_send, client=client, options=options, watch=watch),
        attempts=tuple(watcher.log.marks),
        seconds=watcher.log.elapsed_seconds,
        is_interrupted=ending.is_interrupted and not outcomes.is_settled,
        run=run,
        warnings=warnings_of(ending, mishaps),
        events=events,
    )
    raise_unless_well(report, ending.error, errors=options.errors, noun="event")
    return report


def _addresses(events: EventColumns, positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Sequence[str | None]:
    """The distinct addresses of these rows, and None for a contact named by its id alone."""
    emails = events.rows_as_given.find("email")
    ids = events.rows_as_given.find("contactId")
    found = {None} if emails is None else set(emails.take(positions).unique().to_pylist())
    if ids is not None and ids.take(positions).null_count < len(positions):
        found.add(None)
    return list(found) if len(positions) else []


def _send_rows(
    client: Client,
    events: EventColumns,
    outcomes: Outcomes,
    options: _Options,
    pace: Pace,
    watcher: Watcher,
    interrupts: Interrupts,
    mishaps: Mishaps,
) -> tuple[int, Ending]:
    with ExitStack() as opened:
        # what fails here has sent nothing, and is raised as it is
        book, pseudonyms = opened.enter_context(open_journal(client))
        run = book.start_run("add_events")
        channel = EventChannel(
            client=client,
            book=book,
            run=run,
            pseudonyms=pseudonyms,
            ensure_contacts=options.ensure_contacts,
            resend_unknown=options.resend_unknown,
            send_again=options.send_again,
            on_attempt=watcher.on_attempt,
        )
        sender = Sender(channel=channel, sink=outcomes, pace=pace, interrupts=interrupts, on_tick=watcher.on_tick)
        copies = _Copies()
        slabs = map(copies.held_back, keyed_rows(events, outcomes.waiting, pseudonyms))
        with watcher.told_of_waits():
            ending = sender.run(channel.batches(slabs, sender.settle_lines))
        watcher.on_end(ending)
        copies.settle(outcomes)
        outcomes.hold_back(outcomes.waiting, ending.why_unsent)
        with mishaps.kept("The end of the run could not be written into the ledger"):
            book.finish_run(run, totals_of(outcomes), state=state_of(ending, outcomes))
        with mishaps.kept("The ledger could not be closed"):
            opened.close()
    return run, ending


class _Copies:
    """Rows that repeat an earlier one: held back, and given its outcome at the end."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._pairs: list[tuple[int, int]] = []

    def held_back(self, rows: Batch) -> Batch:
        """The rows without those whose key came before."""
        lines = []
        for line, (key, position) in enumerate(zip(rows.keys, rows.positions.tolist(), strict=True)):
            original = self._first.setdefault(key, position)
            if original == position:
                lines.append(line)
            else:
                self._pairs.append((position, original))
        return rows if len(lines) == len(rows) else rows.pick(lines)

    def settle(self, outcomes: Outcomes) -> None:
        """Give each copy its original's outcome; one event was sent, so a copy is counted as unchanged."""
        if self._pairs:
            copies, originals = np.array(self._pairs, dtype=np.int64).T
            outcomes.copy(copies, originals)
            outcomes.leave(copies[outcomes.status[copies] == Status.SENT])
