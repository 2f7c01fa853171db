"""Which products a refused request was refused for.

The API refuses a request of a hundred and names fields, not rows. In this order: what the reply's words say (a place,
an id, a limit that only some values break), what the contract says about each product, halves, single products. Halving
has a budget: with many bad rows it costs more than sending them one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from smnotebook.contract import Product, ReasonCode, Record, Violation, check, parse_message
from smnotebook.upload.batch import Batch

__all__ = [
    "HALVING_REQUESTS",
    "Search",
    "Verdict",
    "judge",
    "merge",
    "recheck_product",
    "split",
    "value_at",
]

#: Requests that halving may spend on one refused batch; 40 find four bad rows among a hundred (measured), with more
#: the rest goes one by one.
HALVING_REQUESTS = 40

Recheck = Callable[[bytes], Sequence[Violation]]


@dataclass(slots=True, kw_only=True)
class Search:
    """The search for the bad products of one refused batch: what was said of it, and what it has cost so far."""

    violations: Sequence[Violation] = ()
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a refused batch.

    Attributes
    ----------
    refused : mapping of int to Violation
        Lines that are to blame.
    rest : Batch or None
        What is left once those are out, to be sent again: no search, it always pays.
    halves : tuple of Batch, or None
        Two parts, one of which at least holds a product to blame.
    singles : tuple of Batch
        Products to be sent one by one.
    """

    refused: Mapping[int, Violation] = field(default_factory=dict)
    rest: Batch | None = None
    halves: tuple[Batch, Batch] | None = None
    singles: tuple[Batch, ...] = ()


def recheck_product(payload: bytes, *, model: type[Record] = Product) -> Sequence[Violation]:
    """What the contract's row-wise rules have against one payload."""
    return [violation for violation in check(model, orjson.loads(payload)) if violation.severity == "error"]


def judge(
    batch: Batch,
    violations: Sequence[Violation],
    search: Search,
    *,
    recheck: Recheck = recheck_product,
) -> Verdict:
    """Who is to blame for a refusal, and what to send again."""
    if len(batch) == 1:
        return Verdict(refused={0: merge(violations)})
    refused = _named(batch, violations) or _found_by_rules(batch, recheck)
    if refused and len(refused) < len(batch):
        return Verdict(refused=refused, rest=batch.pick(set(range(len(batch))) - set(refused)))
    # that all are to blame is possible, but not worth taking a server's word for: halves will show
    return split(batch, search)


def split(batch: Batch, search: Search) -> Verdict:
    """The next step for a batch of which nothing is known but that it holds a product to blame."""
    if len(batch) == 1 or search.requests + 2 > HALVING_REQUESTS:
        return Verdict(singles=tuple(batch.pick([line]) for line in range(len(batch))))
    return Verdict(halves=halve(batch))


def halve(batch: Batch) -> tuple[Batch, Batch]:
    """The first and the second half of a batch."""
    middle = len(batch) // 2
    return batch.pick(range(middle)), batch.pick(range(middle, len(batch)))


def merge(violations: Sequence[Violation]) -> Violation:
    """All that was said about one product, under the first reason code."""
    if not violations:
        return Violation(field=None, reason_code=None, message="The server refused the product without a reason.")
    return replace(violations[0], message="; ".join(violation.message for violation in violations))


def _found_by_rules(batch: Batch, recheck: Recheck) -> dict[int, Violation]:
    found = {line: recheck(payload) for line, payload in enumerate(batch.payloads)}
    return {line: merge(violations) for line, violations in found.items() if violations}


# --- the reply's words -----------------------------------------------------------------------------------------


def _named(batch: Batch, violations: Sequence[Violation]) -> dict[int, Violation]:
    """Lines that the reply singles out; a violation that could mean any line is left aside."""
    products: list[Any] | None = None
    refused: dict[int, Violation] = {}
    for violation in violations:
        lines = _placed(batch, violation) or _mentioned(batch, violation)
        if not lines:
            products = [orjson.loads(payload) for payload in batch.payloads] if products is None else products
            lines = _breaking(products, violation)
        for line in lines:
            refused.setdefault(line, violation)
    return refused


_PLACE = re.compile(r"products(?:\[(\d{1,4})\]|\.(\d{1,4})(?=\.|$))")


def _placed(batch: Batch, violation: Violation) -> list[int]:
    """Places such as ``products[3].name``."""
    found = _PLACE.match(violation.field or "")
    line = int(found[1] or found[2]) if found else len(batch)
    return [line] if line < len(batch) else []


def _mentioned(batch: Batch, violation: Violation) -> list[int]:
    """Lines whose id stands in the message's text, as a word of its own or in quotation marks."""
    text = parse_message(violation.reason_code or 0, violation.message).text
    words = set(re.split(r"[\s,;:()\[\]\"']+", text)) | set(re.findall(r"[\"']([^\"']+)[\"']", text))
    # a short number may be a limit or a count: "at most 255" is not about the product 255
    return [line for line, product_id in enumerate(batch.keys) if product_id in words and len(product_id) > 3]


def _breaking(products: Sequence[Any], violation: Violation) -> list[int]:
    """Lines whose value is the only kind that the reason code can mean."""
    if violation.field is None or violation.reason_code is None:
        return []
    values = [value_at(product, violation.field) for product in products]
    match violation.reason_code:
        case ReasonCode.MISSING | ReasonCode.REQUIRED_IS_NULL:
            return [line for line, value in enumerate(values) if value is None or value == ""]
        case ReasonCode.EXCEEDS_LIMIT:
            parsed = parse_message(violation.reason_code, violation.message)
            return [line for line, value in enumerate(values) if _exceeds(value, parsed.minimum, parsed.maximum)]
    return []


def _exceeds(value: Any, minimum: int | None, maximum: int | None) -> bool:
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, list):
        return any(_exceeds(entry, minimum, maximum) for entry in value) or _beyond(len(value), None, maximum)
    return _beyond(value if isinstance(value, (int, float)) else len(value), minimum, maximum)


def _beyond(size: float, minimum: int | None, maximum: int | None) -> bool:
    return (maximum is not None and size > maximum) or (minimum is not None and size < minimum)


def value_at(product: Any, path: str) -> Any:
    """What a record holds at a dotted path; None where there is nothing."""
    value = product
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
