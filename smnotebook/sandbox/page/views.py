"""The views: each takes what is to be shown and gives a whole page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smnotebook.sandbox.assumptions import Assumptions
from smnotebook.sandbox.faults import Fault
from smnotebook.sandbox.faults.kinds import read_script
from smnotebook.sandbox.honesty import CLAIMS, Claim
from smnotebook.sandbox.page.layout import cell, document, fold, moment, payload, section, table, turn_over
from smnotebook.sandbox.page.markup import Markup, element
from smnotebook.sandbox.request_log import LoggedRequest
from smnotebook.sandbox.store.contacts import WAIT_SECONDS
from smnotebook.sandbox.store.listings import SCREEN_ROWS, ListedCatalog, ListedContact, ListedEvent

__all__ = ["claims", "contacts", "events", "overview", "requests"]

_LATEST_REQUESTS = 15


def overview(
    counts: Mapping[str, int],
    catalogs: Sequence[ListedCatalog],
    faults: Iterable[tuple[int, Fault]],
    log: Sequence[LoggedRequest],
    total: int,
    credentials: Mapping[str, str],
) -> str:
    """Counts, catalogs, faults in force, the latest requests, and what a client needs to connect."""
    numbers = {**counts, "requests": total}
    tiles = (element("li", element("b", f"{count:,}"), name) for name, count in numbers.items())
    return document(
        "Overview",
        "/",
        element("ul", *tiles, class_="counts"),
        section("Catalogs", _catalog_table(catalogs)),
        section("Faults in force", _fault_table(faults)),
        section("Latest requests", _request_table(list(reversed(log))[:_LATEST_REQUESTS])),
        section(
            "Connect from any language",
            element(
                "p", element("a", "openapi.json", href="/openapi.json"), " has each call with an example that works."
            ),
            table(("Credential", "Value"), map(_credential_row, credentials.items()), empty=""),
        ),
    )


def _credential_row(credential: tuple[str, str]) -> Sequence[Markup]:
    name, text = credential
    return cell(name), cell(text, kind="id")


def _catalog_table(catalogs: Sequence[ListedCatalog]) -> Markup:
    rows = (
        (
            cell(element("a", catalog.name, href=f"/catalogs/{catalog.catalog_id}"), kind="wide"),
            cell(f"{catalog.products:,}", kind="number"),
            cell(catalog.currency),
            cell(catalog.location, kind="id"),
            cell("yes" if catalog.set_as_default else "no"),
            cell(catalog.catalog_id, kind="id"),
            cell(moment(catalog.changed_at), kind="time"),
        )
        for catalog in catalogs
    )
    columns = ("Name", "Products#", "Currency", "Location", "Default", "Catalog id", "Changed (UTC)")
    return table(columns, rows, empty="No catalog yet. Create one with catalogUpsert, or run the first notebook.")


def _fault_table(faults: Iterable[tuple[int, Fault]]) -> Markup:
    rows = (
        (
            cell(number, kind="number"),
            cell(element("span", fault.kind.wire_name, class_="tag bad")),
            cell(fault.kind.meaning, kind="wide"),
            cell(fault.endpoint, kind="id"),
            cell(_schedule(fault)),
        )
        for number, fault in faults
    )
    return table(("No.#", "Kind", "What happens", "Endpoint", "When"), rows, empty="None: every request is answered.")


def _schedule(fault: Fault) -> str:
    parts = [f"{fault.rate:.0%} of requests" if fault.rate < 1 else "every request"]
    if script := read_script(fault.requests):
        parts = ["requests " + ", ".join(map(str, script[:20])) + (" …" if len(script) > 20 else "")]
    if fault.times is not None:
        parts.append(f"at most {fault.times} times")
    return ", ".join(parts)


def contacts(count: int, listed: Sequence[ListedContact], screen: int) -> str:
    """The contacts, latest first."""
    rows = (
        (
            cell(contact.email, kind="wide"),
            cell(contact.contact_id, kind="id"),
            cell(moment(contact.changed_at), kind="time"),
            cell(payload(contact.payload)),
        )
        for contact in listed
    )
    columns = ("E-mail", "Contact id", "Changed (UTC)", "Stored")
    body = table(columns, rows, empty="No contact yet.")
    return document(
        "Contacts", "/contacts", section(f"{count:,} contacts", body, turn_over("/contacts", screen, count))
    )


def events(count: int, listed: Sequence[ListedEvent], screen: int, now: float) -> str:
    """The events, latest first."""
    rows = (_event_row(event, now) for event in listed)
    columns = ("Received (UTC)", "Type", "Contact", "State", "Value#", "Products", "Event id", "Stored")
    body = table(columns, rows, empty="No event yet.")
    return document("Events", "/events", section(f"{count:,} events", body, turn_over("/events", screen, count)))


def _event_row(event: ListedEvent, now: float) -> Sequence[Markup]:
    stored = json.loads(event.payload)
    state = ("assigned", "good")
    if event.contact_id is None:
        state = ("waiting", "warn") if event.received_at > now - WAIT_SECONDS else ("dropped", "bad")
    return (
        cell(moment(event.received_at), kind="time"),
        cell(stored.get("contactExtEventType") or stored.get("type", "")),
        cell(event.email or event.contact_id or "", kind="wide"),
        cell(element("span", state[0], class_=f"tag {state[1]}")),
        cell(stored.get("value", "-"), kind="number"),
        cell(stored.get("products", "-"), kind="wide"),
        cell(event.event_id, kind="id"),
        cell(payload(event.payload)),
    )


def requests(log: Sequence[LoggedRequest], total: int, screen: int) -> str:
    """The request log, latest first."""
    latest = list(reversed(log))
    heading = f"{total:,} requests" if len(latest) == total else f"The latest {len(latest):,} of {total:,} requests"
    shown = _request_table(latest[screen * SCREEN_ROWS : (screen + 1) * SCREEN_ROWS], has_bodies=True)
    return document("Requests", "/requests", section(heading, shown, turn_over("/requests", screen, len(latest))))


def _request_table(log: Sequence[LoggedRequest], *, has_bodies: bool = False) -> Markup:
    columns = ("No.#", "Time (UTC)", "Call", "Key", "Records#", "Answer", "Codes", "Fault", *(["Sent"] * has_bodies))
    rows = (_request_row(entry, has_bodies=has_bodies) for entry in log)
    return table(columns, rows, empty="Nothing was asked yet.")


def _request_row(entry: LoggedRequest, *, has_bodies: bool) -> Sequence[Markup]:
    is_good = entry.status is not None and entry.status < 400
    cells = [
        cell(entry.number, kind="number"),
        cell(moment(entry.at), kind="time"),
        cell(f"{entry.method} {entry.path}", kind="id"),
        cell(element("span", entry.key, class_={"valid": "good", "refused": "bad", "none": "soft"}[entry.key])),
        cell(entry.records or "", kind="number"),
        cell(element("span", entry.status or "no answer", class_="good" if is_good else "bad")),
        cell(", ".join(map(str, entry.reason_codes))),
        cell(element("span", entry.fault, class_="tag bad") if entry.fault else ""),
    ]
    if has_bodies:
        body = (entry.body or b"").decode("utf-8", "replace")
        cells.append(cell(fold("body", body) if body else ""))
    return cells


def claims(assumptions: Assumptions) -> str:
    """What the sandbox's behaviour rests on."""
    settings = assumptions.as_json()
    kinds = (
        ("documented", "Documented", "Somebody wrote it down; the copies at hand are damaged, or not official."),
        ("observed", "Observed", "Seen in official or foreign clients and their tests."),
        ("assumed", "Assumed", "Nobody says so. The switches are arguments of Assumptions."),
    )
    sections = (
        section(heading, element("p", explained, class_="soft"), _claim_table(basis, settings))
        for basis, heading, explained in kinds
    )
    return document("What to believe", "/claims", *sections)


def _claim_table(basis: str, settings: Mapping[str, Any]) -> Markup:
    rows = (_claim_row(claim, settings) for claim in CLAIMS if claim.basis == basis)
    switch = ("Switch",) if basis == "assumed" else ()
    return table(("About", "What the sandbox does", "Source", *switch), rows, empty="None.")


def _claim_row(claim: Claim, settings: Mapping[str, Any]) -> Sequence[Markup]:
    cells = [cell(claim.topic), cell(claim.behaviour, kind="wide"), cell(claim.source)]
    if claim.basis == "assumed":
        cells.append(cell(element("code", f"{claim.switch}={settings[claim.switch]!r}") if claim.switch else ""))
    return cells
