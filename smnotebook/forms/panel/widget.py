"""The widget that draws a form's tree in the browser and carries messages back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from pydantic import SecretStr

from smnotebook.forms.panel.nodes import Tree
from smnotebook.forms.parts import FileParts
from smnotebook.forms.state import Edit, FormState

__all__ = ["Panel"]

_HERE = Path(__file__).parent


class Panel(anywidget.AnyWidget):
    """Draws a form.

    Its one synced value of our own is the tree that is shown. What is typed comes as a message, and a secret in the
    message of the button that needs it, so neither saved widget state nor a checkpoint can hold one.

    Parameters
    ----------
    state : FormState
        Told what was typed and pressed.
    draw : callable
        The form as it should look now.
    """

    _esm = _HERE / "panel.js"
    _css = _HERE / "panel.css"

    tree = traitlets.Dict().tag(sync=True)

    def __init__(self, state: FormState, draw: Callable[[], Tree]) -> None:
        super().__init__(tree=draw().to_json())
        self._state = state
        self._draw = draw
        self._parts: FileParts | None = getattr(state, "parts", None)
        self.on_msg(self._receive)
        state.on_hand_out(self.download)
        state.on_change(self.redraw)
        self.redraw()  # a job of the state may have ended since the first drawing, with nobody listening yet

    def redraw(self) -> None:
        """Show the state as it is now."""
        with self._state.lock:
            self.tree = self._draw().to_json()

    def download(self, content: bytes, file_name: str, media_type: str) -> None:
        """Have the browser save a file."""
        self.send({"event": "download", "file_name": file_name, "type": media_type}, [content])

    def _receive(self, _widget: Any, message: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(message, dict):
            return
        secrets = _take_secrets(message)
        match message:
            case {"event": "edit"}:
                self._state.edit(*_edits([message]))
            case {"event": "press", "name": str(name)}:
                self._state.press(name, _edits(message.get("edits")), secrets)
            case {"event": "file" | "part" | "unreadable"} if self._parts is not None:
                wanted = self._parts.receive(message, buffers)
                if wanted is not None:
                    self.send({"event": "next_part", **wanted})


def _take_secrets(message: dict[str, Any]) -> Mapping[str, SecretStr]:
    """The secrets of a message, which no longer holds them: an error further on must not find them there."""
    given = message.pop("secrets", None)
    if not isinstance(given, dict):
        return {}
    return {name: SecretStr(value) for name, value in given.items() if isinstance(value, str)}


def _edits(entries: Any) -> list[Edit]:
    return [
        Edit(name=entry["name"], value=entry.get("value"), stamp=float(entry["stamp"]))
        for entry in entries or ()
        if isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and isinstance(entry.get("stamp"), (int, float))
    ]
