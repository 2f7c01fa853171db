"""What UploadForm looks like: its steps from top to bottom, each as far as it has come."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten

from smnotebook.forms.connection import badge
from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import (
    Button,
    Choice,
    Code,
    FilePick,
    Fold,
    Group,
    Node,
    Notice,
    Progress,
    Table,
    Tree,
    Words,
)
from smnotebook.forms.upload.check_view import draw_check
from smnotebook.forms.upload.mapping_view import draw_mapping
from smnotebook.forms.upload.questions import asked, plain_words, preset_options
from smnotebook.forms.upload.send_view import draw_result, draw_send
from smnotebook.forms.upload.sources import SAMPLES
from smnotebook.forms.upload.state import UploadState
from smnotebook.forms.upload.table_state import FILE, FRAME, SAMPLE
from smnotebook.forms.wording import counted

__all__ = ["draw_upload"]

_FROM = [(FILE, "A file on this computer"), (FRAME, "A DataFrame of this notebook"), (SAMPLE, "A sample file")]
_ACCEPT = ".csv,.tsv,.txt,.xlsx,.xls,.xlsb,.ods,.json,.jsonl,.ndjson,.parquet,.xml,.gz"
_TEMPLATE_HINT = (
    "How the addresses in your shop are made, where the file has none: {slug} stands for the name in small letters, a "
    "column's name in braces for what stands in it."
)


def draw_upload(state: UploadState) -> Tree:
    """The form as it should look now."""
    code = [Code(text=state.code)] if state.code else []
    return Tree(
        name="upload",
        label="Upload products",
        busy=bool(state.busy),
        children=[
            Group(name="where-now", title="Upload products", children=[badge(state.client)], row=True),
            *_steps(state),
            *state.said,
            *code,
        ],
    )


def _steps(state: UploadState) -> Iterator[Node]:
    filled = Filled(state.entries, state.errors)
    yield _table_step(state, filled)
    if state.mapping is not None:
        yield draw_mapping(state, filled)
    if state.checked is not None:
        yield draw_check(state, state.checked, filled)
        yield draw_send(state, filled)
    if state.dispatch.report is not None:
        yield draw_result(state, state.dispatch.report)


def _table_step(state: UploadState, filled: Filled) -> Node:
    children: list[Node] = [
        filled.choice("from", "Table from", options=_FROM, disabled=state.is_sending),
        _source(state, filled),
    ]
    if state.transfer is not None:
        done, size = state.transfer.received, state.transfer.size
        said = f"{done / 1e6:,.1f} of {size / 1e6:,.1f} MB"
        name = state.transfer.file_name
        children.append(Progress(name="arriving", label=f"Receiving {name}", done=done, total=size, said=said))
    if state.reading is not None:
        children += _what_was_read(state)
    children += _questions(state, filled)
    label = "Read it again" if state.reading else "Read it"
    buttons = [_button(state, "read", label, tone="plain" if state.reading else "primary", busy="Reading")]
    if state.reading is not None:
        buttons.append(_button(state, "again", "Start over"))
    children.append(Group(name="table-go", row=True, children=buttons))
    children += _remembered(state)
    return Group(name="table", title="1. The table", submits="read", children=children)


def _remembered(state: UploadState) -> Iterator[Node]:
    """The choices of columns that earlier files left, each with a button that forgets it."""
    if not state.remembered:
        return
    rows: list[list[str | Node]] = [
        [
            one.saved,
            shorten(one.columns, 80, placeholder=" …"),
            shorten(one.fields, 80, placeholder=" …"),
            Button(name=f"forget {one.key}", label="Forget", disabled=state.is_sending),
        ]
        for one in state.remembered
    ]
    columns = ["Saved", "For files with the columns", "Fields that they fill", ""]
    table = Table(name="remembered-table", caption="Saved column choices", columns=columns, rows=rows)
    yield Fold(name="remembered", title=f"Saved column choices ({len(rows)})", children=[table])


def _source(state: UploadState, filled: Filled) -> Node:
    match state.entries.text("from"):
        case "sample":
            return filled.choice("sample", "Sample", options=list(SAMPLES.items()), disabled=state.is_sending)
        case "frame":
            return _frame_choice(state, filled)
    there = f"{state.file.file_name} is here." if state.file else "CSV, Excel, JSON, Parquet or XML; gzip of each too."
    hint = f"{there} Pick one, or drop it here."
    return FilePick(name="file", label="File", accept=_ACCEPT, hint=hint, disabled=state.is_sending)


def _frame_choice(state: UploadState, filled: Filled) -> Choice:
    options = [(name, name or "the one given to this form") for name in state.frames]
    if state.entries.text("frame") not in state.frames:
        options = [("", "(choose)"), *options]
    hint = "" if state.frames else "This notebook has no DataFrame yet; make one in a cell, then choose here again."
    return filled.choice("frame", "DataFrame", options=options, hint=hint, disabled=state.is_sending)


def _what_was_read(state: UploadState) -> Iterator[Node]:
    if state.reading is None:
        return
    report = state.reading.report
    made = "" if report.preset is None else f", {counted(report.products, 'product')} made of them"
    yield Words(text=f"{report.source}: {counted(report.rows, 'row')} read{made}.")
    if report.preset is not None:
        sure = "" if report.confidence is None else f", {report.confidence:.0%} sure"
        yield Words(text=f"Read as {report.preset}{sure}: {report.reason}.")
    told = [f"{f.field or f.column or 'table'}: {plain_words(f)} ({f.count:,})" for f in report.findings]
    told += [f"{name.replace('_', ' ')}: {value}" for name, value in report.facts.items()]
    if told:
        title = f"What was found and done ({len(told)})"
        yield Fold(name="findings", title=title, children=[Words(text=line) for line in told])


def _questions(state: UploadState, filled: Filled) -> Iterator[Node]:
    """What the file leaves open, asked only once that is known."""
    yield filled.choice("preset", "Export of", options=preset_options())
    open_questions = asked(state.reading.report) if state.reading else {}
    if "url_template" in open_questions or state.mapping is not None or state.entries.text("url_template"):
        placeholder = "https://shop.example.com/products/{slug}"
        yield filled.text("url_template", "Product address", hint=_TEMPLATE_HINT, placeholder=placeholder)
    if "image_base_url" in open_questions or state.entries.text("image_base_url"):
        why = [f"{plain_words(open_questions[name])}. " for name in ("image_base_url",) if name in open_questions]
        hint = f"{''.join(why)}Give the address at which everybody finds them; what comes after it is kept."
        hint = hint[0].upper() + hint[1:]
        yield filled.text("image_base_url", "Image address", hint=hint, placeholder="https://img.example.com/")
    if "vat_percent" in open_questions or state.entries.text("vat_percent"):
        hint = "These prices carry no tax. Give the rate to add it, or leave them as they are."
        yield filled.text("vat_percent", "Add tax, %", hint=hint)
    if "mend_encoding" in open_questions or state.entries.ticked("mend_encoding"):
        yield filled.tick("mend_encoding", "Mend letters", hint="Some text looks encoded twice (Ã³ for ó).")
    if any(finding.kind == "asked" for finding in open_questions.values()):
        yield Notice(name="asked", tone="warning", text="Fill in what is missing above, then read it again.")


def _button(state: UploadState, name: str, label: str, *, tone: str = "plain", busy: str = "") -> Button:
    shown = f"{busy} ..." if busy and state.busy == busy else label
    return Button(name=name, label=shown, tone=tone, disabled=name not in state.actions)  # type: ignore[arg-type]
