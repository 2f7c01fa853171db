"""What a reading may have to be told: the presets, and the answers that a file leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from smnotebook.feeds import all_presets
from smnotebook.forms.entries import Entries
from smnotebook.values.findings import Finding
from smnotebook.values.report import ReadingReport

__all__ = ["AUTO", "NO_PRESET", "QUESTIONS", "arguments_of", "asked", "errors_in", "plain_words", "preset_options"]

AUTO, NO_PRESET = "auto", "none"

# what a finding ends with: the argument that would answer it
_ARGUMENT = re.compile(r": (?:give )?[a-z_]+=.*")

#: Arguments of ``read_feed`` that a reading's report may ask for by their name.
QUESTIONS = ("url_template", "image_base_url", "vat_percent", "mend_encoding")


def preset_options() -> list[tuple[str, str]]:
    """The presets to choose from."""
    presets = [(preset.name, preset.title) for preset in all_presets().values()]
    return [(AUTO, "Find out"), *presets, (NO_PRESET, "None of these: map the columns by hand")]


def asked(report: ReadingReport) -> dict[str, Finding]:
    """The arguments that the report asks for, each with the finding that does."""
    found = {name: [finding for finding in report.warnings if name in finding.message] for name in QUESTIONS}
    return {name: findings[0] for name, findings in found.items() if findings}


def plain_words(finding: Finding) -> str:
    """A finding without the argument that it names: here a field stands for it."""
    return _ARGUMENT.sub("", finding.message)


def arguments_of(entries: Entries) -> dict[str, Any]:
    """Arguments of ``read_feed`` as the fields say; what is left at its default is left out."""
    return dict(_arguments(entries))


def _arguments(entries: Entries) -> Iterator[tuple[str, Any]]:
    preset = entries.text("preset")
    if preset != AUTO:
        yield "preset", None if preset == NO_PRESET else preset
    for name in ("url_template", "image_base_url"):
        if entries.text(name):
            yield name, entries.text(name)
    if entries.text("vat_percent"):
        yield "vat_percent", float(entries.text("vat_percent").replace(",", "."))
    if entries.ticked("mend_encoding"):
        yield "mend_encoding", True


def errors_in(entries: Entries) -> dict[str, str]:
    """What is wrong with an answer, by field."""
    errors = {}
    for name in ("url_template", "image_base_url"):
        if entries.text(name) and not entries.text(name).startswith(("https://", "http://")):
            errors[name] = "Begin with https:// and write the whole address."
    vat = entries.text("vat_percent").replace(",", ".")
    if vat and not (vat.replace(".", "", 1).isdecimal() and float(vat) < 100):
        errors["vat_percent"] = "Give a number such as 23."
    return errors
