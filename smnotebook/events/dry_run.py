"""A dry run: the requests that an event would send, for reading and for copying, secrets as ``***``."""

from __future__ import annotations

import json
import pprint
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from smnotebook.client import Client
from smnotebook.contract import Authentication
from smnotebook.events.encodings import Carry, EncodingName, PreparedRequest, prepare
from smnotebook.events.event import Event
from smnotebook.events.personal import masked
from smnotebook.profiles import Profile
from smnotebook.wire.transport import user_agent

__all__ = ["DryRun", "Step", "dry_run", "show_requests"]

_HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request that would go.

    Attributes
    ----------
    purpose : str
        Why it goes.
    method, url, headers
        As they would be sent.
    body : dict
        As it would be sent but for secrets, which are ``***``; holds the contact's address, so no repr shows it.
    """

    purpose: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What sending an event would send; nothing was sent.

    Whatever it shows has the contact's address shortened; ``reveal=True`` is the wish to see it.

    Attributes
    ----------
    place : str
        LIVE or SANDBOX, and the host.
    steps : tuple of Step
        The requests in their order.
    """

    place: str
    steps: tuple[Step, ...]

    def to_json(self, *, reveal: bool = False) -> str:
        """Method, URL, headers and body of each request."""
        documents = [
            {"method": step.method, "url": step.url, "headers": dict(step.headers), "body": _shown(step, reveal=reveal)}
            for step in self.steps
        ]
        return json.dumps(documents, indent=2, ensure_ascii=False)

    def to_curl(self, *, reveal: bool = False) -> str:
        """The requests as curl commands; put the secrets in the place of ``***``, and run them outside a notebook."""
        return "\n\n".join(_curl(step, _shown(step, reveal=reveal)) for step in self.steps)

    def to_python(self, *, reveal: bool = False) -> str:
        """The requests as Python with the library requests."""
        calls = [_python(step, _shown(step, reveal=reveal)) for step in self.steps]
        return "\n\n".join(["import requests", *calls]) + "\n"

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *(_text(number, step) for number, step in enumerate(self.steps, start=1))])

    def _headline(self) -> str:
        count = "1 request" if len(self.steps) == 1 else f"{len(self.steps)} requests"
        return f"Dry run, nothing was sent: {count} would go to {self.place}."

    def _repr_html_(self) -> str:
        from smnotebook.render.html import element, page

        parts = [element("p", self._headline(), css="sm-headline")]
        for number, step in enumerate(self.steps, start=1):
            parts.append(element("pre", _text(number, step)))
        return page(*parts)


def dry_run(
    client: Client,
    event: Event,
    *,
    encoding: EncodingName = "v2",
    carry: Carry | None = None,
    ensure_contact: bool = True,
    now: Callable[[], float] = time.time,
) -> DryRun:
    """What :func:`~smnotebook.events.send_event` would send; takes no secret and opens no connection.

    Raises
    ------
    DataError
        The encoding can't carry the event.
    """
    moment = now()
    requests = prepare(event, encoding=encoding, carry=carry or {}, now=moment, ensure_contact=ensure_contact)
    return show_requests(client, requests, moment=moment)


def show_requests(client: Client, requests: Sequence[PreparedRequest], *, moment: float) -> DryRun:
    """The dry run of prepared requests, as if they were proven at this Unix time."""
    return DryRun(place=client.place, steps=tuple(_step(client, request, moment) for request in requests))


def _step(client: Client, request: PreparedRequest, moment: float) -> Step:
    body = {**_proof(client.profile, request.authentication, moment), **request.fields}
    return Step(
        purpose=request.purpose,
        method=request.operation.method,
        url=client.url_for(request.authentication) + request.operation.path,
        headers={"User-Agent": user_agent(), "Accept": "application/json", "Content-Type": "application/json"},
        # Decimal and all become what JSON has
        body=orjson.loads(orjson.dumps(body, default=float)),
    )


def _proof(profile: Profile, kind: Authentication, moment: float) -> dict[str, Any]:
    """What the authentication adds to a body, as ``wire.authentication`` does."""
    if kind is Authentication.SECRET_BODY:
        return {"apiKey": _HIDDEN, "apiSecret": _HIDDEN, "owner": profile.owner}
    return {
        "clientId": profile.client_id,
        "apiKey": _HIDDEN,
        "requestTime": int(moment * 1000),
        "sha": _HIDDEN,
        "owner": profile.owner,
    }


def _shown(step: Step, *, reveal: bool) -> dict[str, Any]:
    return step.body if reveal else masked(step.body)


def _text(number: int, step: Step) -> str:
    headers = [f"   {name}: {value}" for name, value in step.headers.items()]
    body = json.dumps(_shown(step, reveal=False), indent=2, ensure_ascii=False)
    indented = "\n".join(f"   {line}" for line in body.splitlines())
    return "\n".join([f"{number}. {step.method} {step.url} ({step.purpose})", *headers, indented])


def _curl(step: Step, body: Mapping[str, Any]) -> str:
    lines = [f"curl -X {step.method} {shlex.quote(step.url)}"]
    lines += [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in step.headers.items()]
    lines.append(f"  -d {shlex.quote(json.dumps(body, indent=2, ensure_ascii=False))}")
    return " \\\n".join(lines)


def _python(step: Step, body: Mapping[str, Any]) -> str:
    def literal(value: object) -> str:
        text = pprint.pformat(value, width=100, sort_dicts=False)
        return text.replace("\n", "\n    ")

    return (
        f"requests.post(\n    {step.url!r},\n    headers={literal(dict(step.headers))},\n    json={literal(body)},\n"
        "    timeout=60,\n)"
    )
