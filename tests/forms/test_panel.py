"""The widget between state and browser: what it takes in, what it shows, and what it never holds."""

from __future__ import annotations

import json
import threading

import pytest
from pydantic import SecretStr

import smnotebook as sm
from smnotebook.forms.entries import Entries
from smnotebook.forms.panel import Button, Group, Secret, Text, Tree
from smnotebook.forms.panel.widget import Panel
from smnotebook.forms.state import FormState

KEY = "canary-key-90210"


class Keyed(FormState):
    """A form with a text, a secret and a button."""

    def __init__(self):
        super().__init__(Entries({"name": "", "key": False}), run=lambda job: job())
        self.pressed = []
        self.fails = None

    @property
    def actions(self):
        return {"go": self._go}

    def _go(self, secrets):
        if self.fails:
            self.attempt("Trying", self._fail, lambda _: None)
        self.pressed.append((self.entries.text("name"), dict(secrets)))

    def _fail(self):
        raise self.fails

    def draw(self):
        text = Text(name="name", label="Name", value=self.entries.raw("name"), seen=self.entries.seen("name"))
        key = Secret(name="key", label="Key", value=self.entries.ticked("key"))
        fields = Group(name="fields", children=[text, key, Button(name="go", label="Go")])
        return Tree(name="keyed", label="Keyed", children=[fields, *([self.notice] if self.notice else [])])


@pytest.fixture
def state():
    return Keyed()


@pytest.fixture
def panel(state):
    return Panel(state, state.draw)


def send(panel, **message):
    panel._receive(panel, message, [])
    return message


def test_an_edit_is_drawn_with_its_stamp(panel):
    send(panel, event="edit", name="name", value="Shop", stamp=5.0)
    field = panel.tree["children"][0]["children"][0]
    assert (field["value"], field["seen"]) == ("Shop", 5.0)


def test_a_press_brings_its_edits_and_its_secrets(panel, state):
    edits = [{"name": "name", "value": "Shop", "stamp": 5.0}, {"name": "key", "value": True, "stamp": 5.1}]
    send(panel, event="press", name="go", edits=edits, secrets={"key": KEY})
    ((name, secrets),) = state.pressed
    assert name == "Shop"
    assert secrets["key"] == SecretStr(KEY)


def test_a_secret_stays_in_no_message_no_state_and_no_repr(panel, state):
    message = send(panel, event="press", name="go", edits=[], secrets={"key": KEY})
    assert KEY not in repr(message)
    assert KEY not in json.dumps(panel.get_state(), default=repr)
    assert KEY not in repr(state.pressed)
    assert not state.entries.ticked("key")


@pytest.mark.parametrize(
    "message",
    [
        None,
        "text",
        {},
        {"event": "nothing"},
        {"event": "press"},
        {"event": "press", "name": "no such button"},
        {"event": "edit", "name": "no such field", "value": "x", "stamp": 1.0},
        {"event": "edit", "name": "name", "value": 5, "stamp": 1.0},
        {"event": "edit", "name": "name", "value": "x", "stamp": "late"},
        {"event": "press", "name": "go", "edits": None, "secrets": ["no", "mapping"]},
        {"event": "press", "name": "go", "edits": ["name"]},
        {"event": "part", "name": "file"},
    ],
)
def test_a_message_of_another_shape_does_no_harm(panel, state, message):
    panel._receive(panel, message, [])
    assert state.entries.text("name") == ""


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (sm.errors.UsageError("Take another name."), "Take another name."),
        (KeyError("inner"), "did not expect (KeyError)"),
    ],
)
def test_what_goes_wrong_is_a_sentence(panel, state, fault, words):
    state.fails = fault
    send(panel, event="press", name="go", edits=[])
    assert words in state.notice.text
    assert "Traceback" not in json.dumps(panel.tree)
    assert state.busy == ""


def test_a_job_that_ends_while_the_panel_is_made_is_drawn(state):
    def draw_and_end():
        tree = state.draw()
        if not state.entries.text("name"):
            state.entries.put("name", "found meanwhile")
            state.changed()
        return tree

    panel = Panel(state, draw_and_end)
    assert panel.tree["children"][0]["children"][0]["value"] == "found meanwhile"


def test_edits_from_many_threads_end_in_one_order(panel, state):
    def type_(thread):
        for number in range(50):
            send(panel, event="edit", name="name", value=f"{thread}-{number}", stamp=float(thread * 1000 + number))

    threads = [threading.Thread(target=type_, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.entries.text("name") == "3-49"
    assert panel.tree["children"][0]["children"][0]["value"] == "3-49"


def test_every_node_that_can_be_drawn_is_drawn_by_the_script():
    from smnotebook.forms.panel import nodes

    script = (nodes.__spec__.origin).replace("nodes.py", "panel.js")
    with open(script, encoding="utf-8") as file:  # noqa: PTH123 - beside the module, wherever that is
        drawn = set(file.read().partition("const KINDS = {")[2].partition("}")[0].replace(",", " ").split())
    kinds = {node.kind for node in vars(nodes).values() if isinstance(node, type) and hasattr(node, "kind")}
    assert drawn == kinds - {"tree"}


def test_a_form_is_a_short_text_where_widgets_are_not_shown():
    form = sm.forms.ConnectForm()
    data, _ = form._repr_mimebundle_()
    assert data["text/plain"] == "ConnectForm()"
    assert "application/vnd.jupyter.widget-view+json" in data
