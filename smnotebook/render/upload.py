"""The upload report as plain text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from smnotebook.render.html import bar, element, page, table

__all__ = ["UploadSummary", "upload_html", "upload_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSummary:
    """The figures of an upload.

    Attributes
    ----------
    reasons : tuple of (str, int)
        The distinct messages of refused rows, each with its count.
    notes : tuple of str
        What else is to be said: an interruption, rows unsent or in doubt, what the server trimmed.
    attempts : int
        Requests with those that were tried again counted each time.
    """

    catalog: str
    rows: int
    sent: int
    unchanged: int
    refused: int
    unknown: int
    unsent: int
    requests: int
    attempts: int
    reasons: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()


#: Distinct reasons that a report lists.
SHOWN_REASONS = 20


def _headline(summary: UploadSummary) -> str:
    requests = _counted(summary.requests, "request")
    if summary.attempts > summary.requests:
        requests += f", {_counted(summary.attempts, 'attempt')}"
    unsent = f", {summary.unsent:,} unsent" if summary.unsent else ""
    return (
        f"{_counted(summary.rows, 'row')} to {summary.catalog}: "
        f"{summary.sent:,} sent, {summary.unchanged:,} unchanged, "
        f"{summary.refused:,} refused, {summary.unknown:,} unknown{unsent}; {requests}"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _more(summary: UploadSummary) -> str:
    hidden = len(summary.reasons) - SHOWN_REASONS
    return f"and {hidden:,} more reasons" if hidden > 0 else ""


def upload_text(summary: UploadSummary) -> str:
    """The report for a plain terminal."""
    lines = [f"Upload: {_headline(summary)}"]
    lines += [f"  refused {count:>7,} x {reason}" for reason, count in summary.reasons[:SHOWN_REASONS]]
    notes = [f"  {note}" for note in summary.notes[:SHOWN_REASONS]]
    return "\n".join([*lines, *filter(None, [_more(summary)]), *notes])


def upload_html(summary: UploadSummary) -> str:
    """The report for a notebook."""
    figures = [
        ("sent", summary.sent, "sm-good"),
        ("unchanged", summary.unchanged, "sm-good"),
        ("refused", summary.refused, "sm-error"),
        ("unknown", summary.unknown, "sm-warning"),
    ]
    if summary.unsent:
        figures.append(("unsent", summary.unsent, "sm-warning"))
    rows = [
        (element("span", name, css=css), f"{count:,}", bar(count / max(summary.rows, 1), css=css))
        for name, count, css in figures
    ]
    parts = [element("p", _headline(summary), css="sm-headline"), table(("", "rows", ""), rows)]
    if summary.reasons:
        reasons = [(f"{count:,}", reason) for reason, count in summary.reasons[:SHOWN_REASONS]]
        parts += [table(("refused", "reason"), reasons), element("p", _more(summary))]
    parts += [element("p", note) for note in summary.notes[:SHOWN_REASONS]]
    return page(*parts)
