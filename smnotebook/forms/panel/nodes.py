"""What a form can be made of: plain values that say what to draw, and how they travel to the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

__all__ = [
    "Badge",
    "Button",
    "Choice",
    "Code",
    "FilePick",
    "Fold",
    "Group",
    "Node",
    "Notice",
    "Progress",
    "Secret",
    "Table",
    "Text",
    "Tick",
    "Tone",
    "Tree",
    "Words",
]

Tone = Literal["info", "good", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything that is drawn; ``kind`` chooses the function in ``panel.js`` that draws it."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The node as the browser reads it."""
        return {"kind": self.kind} | {field.name: _to_json(getattr(self, field.name)) for field in fields(self)}


def _to_json(value: Any) -> Any:
    if isinstance(value, Node):
        return value.to_json()
    if isinstance(value, (list, tuple)):
        return [_to_json(entry) for entry in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field(Node):
    """What all that can be filled in has.

    Attributes
    ----------
    seen : float
        Stamp of the last edit that the kernel has taken in; the browser leaves a field with a later edit alone.
    """

    name: str
    label: str
    seen: float = 0.0
    hint: str = ""
    error: str = ""
    required: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(_Field):
    """A line of text, or several; ``suggestions`` are pairs of value and label that typing searches.

    What is ``private`` is never drawn by the kernel, which only says whether the field ``is_filled``: what is drawn may
    be saved with the notebook.
    """

    kind: ClassVar[str] = "text"
    value: str = ""
    placeholder: str = ""
    input_type: Literal["text", "number", "date", "url", "email"] = "text"
    lines: int = 1
    private: bool = False
    is_filled: bool = False
    suggestions: Sequence[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Field):
    """One of several; ``options`` are pairs of value and label."""

    kind: ClassVar[str] = "choice"
    value: str = ""
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(_Field):
    """Yes or no."""

    kind: ClassVar[str] = "tick"
    value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(_Field):
    """A key or password; the kernel is told that something stands in it, and what only when a button is pressed."""

    kind: ClassVar[str] = "secret"
    value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePick(_Field):
    """A file, picked or dropped."""

    kind: ClassVar[str] = "file"
    accept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Node):
    """Something to do; ``spoken`` is what a screen reader says where the label alone is not enough."""

    kind: ClassVar[str] = "button"
    name: str
    label: str
    tone: Literal["plain", "primary", "danger"] = "plain"
    disabled: bool = False
    spoken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Node):
    """A sentence about what happened; screen readers say it at once."""

    kind: ClassVar[str] = "notice"
    name: str = "notice"
    tone: Tone = "info"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Node):
    """A paragraph."""

    kind: ClassVar[str] = "words"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge(Node):
    """Where the form works: LIVE or SANDBOX."""

    kind: ClassVar[str] = "badge"
    text: str
    tone: Literal["live", "sandbox", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Node):
    """Rows of texts and nodes."""

    kind: ClassVar[str] = "table"
    name: str = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | Node]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Node):
    """A bar and a sentence beside it."""

    kind: ClassVar[str] = "progress"
    name: str = "progress"
    label: str
    done: float
    total: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Node):
    """Python to copy."""

    kind: ClassVar[str] = "code"
    name: str = "code"
    label: str = "The same in Python"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Node):
    """Nodes under a title, below each other or in a row; ``submits`` names the button that Enter in a field presses."""

    kind: ClassVar[str] = "group"
    name: str
    title: str = ""
    children: Sequence[Node]
    row: bool = False
    submits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold(Node):
    """Nodes that are shown on demand."""

    kind: ClassVar[str] = "fold"
    name: str
    title: str
    children: Sequence[Node]
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Node):
    """A whole form; ``label`` is what a screen reader calls it."""

    kind: ClassVar[str] = "tree"
    name: str
    label: str
    children: Sequence[Node]
    busy: bool = False
