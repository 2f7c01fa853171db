"""The shapes in which the API answers: success, the two error shapes of v3, and v2's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smnotebook.contract import ReasonCode, Violation, format_message
from smnotebook.sandbox.assumptions import Assumptions

__all__ = [
    "Answer",
    "accept",
    "accept_v2",
    "find_errors",
    "find_warnings",
    "refuse",
    "refuse_authentication",
    "refuse_flatly",
    "refuse_json",
    "refuse_v2",
    "violation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back for one request.

    Attributes
    ----------
    records : int
        Products, events or contacts that the request carried; for the log only.
    """

    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    records: int = 0

    def encode(self) -> bytes:
        """The body as JSON, in ASCII: half characters that a client sent in a name stay escaped."""
        return json.dumps(self.body, separators=(",", ":")).encode("ascii")

    @property
    def reason_codes(self) -> tuple[int, ...]:
        """Every reason code in the body, in either error shape."""
        codes = [problem["reasonCode"] for problem in self.body.get("problems", ())]
        if "reasonCode" in self.body:
            codes.append(self.body["reasonCode"])
        return tuple(codes)


def accept(request_id: str, warnings: Iterable[Violation] = (), **members: Any) -> Answer:
    """A v3 success; warnings (code 12) go along on HTTP 200 as ``problems``."""
    body: dict[str, Any] = {"requestId": request_id, **members}
    problems = [_problem(warning) for warning in warnings]
    if problems:
        body["problems"] = problems
    return Answer(body=body)


def refuse(request_id: str, violations: Iterable[Violation], *, status: int = 400) -> Answer:
    """The list shape: every violation at once (WIRE_FACTS 5)."""
    problems = [_problem(violation) for violation in violations]
    return Answer(status=status, body={"requestId": request_id, "problems": problems})


def refuse_flatly(code: int, *texts: str, status: int = 400, headers: Mapping[str, str] | None = None) -> Answer:
    """The flat shape, ``messages`` beside one ``reasonCode`` (WIRE_FACTS 5)."""
    return Answer(status=status, body={"messages": list(texts), "reasonCode": code}, headers=headers or {})


def refuse_json(reason: str) -> Answer:
    """The answer to a body that can't be read; the first text is the one seen from the live API (WIRE_FACTS 1)."""
    return refuse_flatly(400, "[Specified json is not valid]", reason)


def refuse_authentication(request_id: str, assumptions: Assumptions) -> Answer:
    """Code 10: the key is missing, unknown, expired or revoked, and the answer does not say which."""
    text = "Authentication failed: the API key is missing, unknown, expired or revoked."
    if assumptions.authentication_error_shape == "flat":
        return refuse_flatly(ReasonCode.AUTHENTICATION, text)
    return refuse(request_id, [Violation(field=None, reason_code=int(ReasonCode.AUTHENTICATION), message=text)])


def accept_v2(*texts: str, **members: Any) -> Answer:
    """A v2 success."""
    return Answer(body={"success": True, "message": list(texts), **members})


def refuse_v2(*texts: str) -> Answer:
    """A v2 failure, which travels on HTTP 200."""
    return Answer(body={"success": False, "message": list(texts)})


def violation(code: ReasonCode, field: str, text: str, **parts: Any) -> Violation:
    """A violation found here rather than by the contract, in the API's message format."""
    return Violation(field=field, reason_code=int(code), message=format_message(code, text, field=field, **parts))


def find_errors(violations: Iterable[Violation]) -> list[Violation]:
    """The errors among the violations, one a field: the first that was found.

    An error without a reason code is the client's own, about a value that the API would take.
    """
    errors: dict[str | None, Violation] = {}
    for found in violations:
        if found.severity == "error" and found.reason_code is not None:
            errors.setdefault(found.field, found)
    return list(errors.values())


def find_warnings(violations: Iterable[Violation], assumptions: Assumptions) -> list[Violation]:
    """The warnings that travel: those with a reason code, unless soft limits are kept in silence."""
    if assumptions.soft_limits == "silent":
        return []
    return [found for found in violations if found.severity == "warning" and found.reason_code is not None]


def _problem(found: Violation) -> dict[str, Any]:
    return {"reasonCode": found.reason_code, "message": found.message}
