"""A request as it would be sent, with every secret hidden: to look at, or to give to someone as curl or Python."""

from __future__ import annotations

import pprint
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

__all__ = ["RequestPreview"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPreview:
    """What a call would send; nothing was sent.

    Attributes
    ----------
    headers : mapping
        A key shows as ``***``.
    body : bytes or None
        The JSON body, secrets as ``***``; it holds the records in clear, so the repr leaves it out.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = field(default=None, repr=False)

    def as_json(self) -> str:
        """The body, indented; the empty text where there is none."""
        return "" if self.body is None else orjson.dumps(orjson.loads(self.body), option=orjson.OPT_INDENT_2).decode()

    def as_curl(self) -> str:
        """A command line for a POSIX shell."""
        parts = ["curl", "-X", self.method, self.url]
        for name, value in self.headers.items():
            parts += ["-H", f"{name}: {value}"]
        if self.body is not None:
            parts += ["--data-raw", self.body.decode()]
        return " ".join(map(shlex.quote, parts))

    def as_python(self) -> str:
        """A script that sends the same by requests."""
        lines = ["import requests", "", "response = requests.request(", f"    {self.method!r},", f"    {self.url!r},"]
        lines.append(f"    headers={_literal(dict(self.headers))},")
        if self.body is not None:
            lines.append(f"    json={_literal(orjson.loads(self.body))},")
        return "\n".join([*lines, "    timeout=60,", ")", "print(response.status_code, response.text)"])


def _literal(value: object) -> str:
    return pprint.pformat(value, width=100, sort_dicts=False).replace("\n", "\n    ")
