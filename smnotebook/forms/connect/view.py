"""What ConnectForm looks like."""

from __future__ import annotations

from collections.abc import Iterator

from smnotebook.contract import HOURLY_LIMITS, KEY_AGE_LIMIT_DAYS
from smnotebook.forms.connect.account import API_SECRET, EVENT_FIELDS
from smnotebook.forms.connect.state import NEW, SANDBOX, Connection, ConnectState
from smnotebook.forms.connection import badge
from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Code, Fold, Group, Node, Notice, Tree, Words

__all__ = ["draw_connect"]

_PLANS = {
    "none": "I don't know, or no quota",
    "professional": f"Professional: {HOURLY_LIMITS['professional']:,} requests an hour",
    "enterprise": f"Enterprise: {HOURLY_LIMITS['enterprise']:,} requests an hour",
    "custom": "Custom: a number from your contract",
}
_KEEP = {
    "keyring": "In this computer's keyring, for next time",
    "kernel": "Only in this notebook's kernel; forgotten when it stops",
}


def draw_connect(state: ConnectState) -> Tree:
    """The form as it should look now."""
    connection = state.connection
    body = [_connected(state, connection)] if connection else list(_questions(state))
    client = connection.client if connection else None
    return Tree(
        name="connect",
        label="Connect to SALESmanago",
        busy=bool(state.busy),
        children=[
            Group(name="where-now", title="Connect to SALESmanago", children=[badge(client)], row=True),
            *body,
            *state.said,
            *([Code(text=state.code)] if state.code else []),
        ],
    )


def _questions(state: ConnectState) -> Iterator[Node]:
    filled = Filled(state.entries, state.errors)
    options = [
        (SANDBOX, "Sandbox: practise here, nothing leaves this machine"),
        *((name, f"Saved account: {name}") for name in state.profiles),
        (NEW, "A new account"),
    ]
    fields: list[Node] = [filled.choice("where", "Account", options=options)]
    if state.where == SANDBOX:
        fields.append(Words(text="The sandbox behaves like the real service and starts empty. No key is needed."))
    elif state.where == NEW:
        fields += _account_fields(state, filled)
    if state.where != SANDBOX:
        fields += _key_fields(state, filled)
    if state.where == NEW:
        fields.append(_event_fields(filled))
    yield Group(name="account", children=[*fields, _connect_row(state)], submits="connect")


def _connect_row(state: ConnectState) -> Node:
    needs = f"Still needed: {', '.join(state.missing)}." if state.missing else ""
    if state.errors:
        needs = "Mend what is marked above first."
    button = Button(
        name="connect",
        label=f"{state.busy} ..." if state.busy else "Connect",
        tone="primary",
        disabled="connect" not in state.actions,
    )
    return Group(name="go", row=True, children=[button, *([Words(text=needs)] if needs else [])])


def _account_fields(state: ConnectState, filled: Filled) -> Iterator[Node]:
    yield filled.text("name", "Name", hint="Yours to choose: sm.connect() finds the account by it.")
    yield filled.text("base_url", "Server", hint="As your SALESmanago account names it.")
    hint = "Sending keeps to this many requests, over all your notebooks."
    yield filled.choice("plan", "Plan", options=list(_PLANS.items()), hint=hint)
    if state.entries.text("plan") == "custom":
        yield filled.text("hourly_limit", "Requests an hour")


def _key_fields(state: ConnectState, filled: Filled) -> Iterator[Node]:
    is_new = state.where == NEW
    hint = "" if is_new else "Leave it empty to use the key that is kept."
    yield filled.secret("api_key", "API key", required=is_new, hint=hint)
    if is_new or state.entries.ticked("api_key"):
        hint = "It is never written into the notebook."
        yield filled.choice("keep", "Keep the key", options=list(_KEEP.items()), hint=hint)
        hint = f"A key should be changed every {KEY_AGE_LIMIT_DAYS} days; you will be reminded."
        yield filled.text("key_created", "Key made on", hint=state.key_age_advice or hint, input_type="date")
    elif state.key_age_advice:
        yield Notice(name="age", tone="warning", text=state.key_age_advice)


def _event_fields(filled: Filled) -> Node:
    """What only contacts and events need; they go by API v2, which has a door of its own."""
    hints = {
        "events_url": "The address at which you log in, such as https://app2.salesmanago.pl.",
        "client_id": "Under Settings, Integration, API v2, as the secret.",
        "owner": "E-mail address of the user who owns the contacts.",
    }
    return Fold(
        name="for-events",
        title="For events and contacts, too",
        children=[
            *(filled.text(name, label, hint=hints[name]) for name, label in EVENT_FIELDS.items()),
            filled.secret(API_SECRET, "API secret"),
        ],
    )


def _connected(state: ConnectState, connection: Connection) -> Node:
    limits, profile = connection.limits, connection.client.profile
    most = "" if limits.catalogs_max is None else f" of {limits.catalogs_max}"
    quota = "no quota" if limits.requests_per_hour is None else f"{limits.requests_per_hour:,} requests an hour"
    age = [Notice(name="age", tone="warning", text=state.key_age_advice)] if state.key_age_advice else []
    return Group(
        name="connected",
        children=[
            Notice(
                name="works",
                tone="good",
                text=f"Connected to {profile.name}: {limits.catalogs_used}{most} catalogs in use, {quota}.",
            ),
            *age,
            Group(name="go", row=True, children=[Button(name="change", label="Connect to another account")]),
        ],
    )
