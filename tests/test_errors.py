"""The exception tree: drawn as it is, each with a message that is more than a name, and able to cross processes."""

import copy
import inspect
import pickle
import re

import pytest

from smnotebook import errors
from smnotebook.contract import Violation
from smnotebook.errors import ConfirmationNeeded, SmnotebookError

VALUES = {
    "argument": "confirm=True",
    "line": 3,
    "column": 4,
    "maybe_received": True,
    "status": 503,
    "request_id": "r-1",
    "retry_after": 7.5,
    "report": {"rows": 3},
    "violations": (Violation(field="name", reason_code=13, message="name|is required"),),
}


def all_kinds():
    return [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, SmnotebookError)]


def made(kind):
    words = {} if kind.__init__ is Exception.__init__ else inspect.signature(kind.__init__).parameters
    return kind("What happened.", **{name: value for name, value in VALUES.items() if name in words})


def test_the_drawing_is_the_tree():
    drawn = re.findall(r"([│ ]*[├└]?─* ?)([A-Z]\w+)", errors.__doc__.partition("::")[2])
    depth = {name: (len(stem) + 3) // 4 for stem, name in drawn if name in errors.__all__}
    assert set(depth) == {kind.__name__ for kind in all_kinds()} == set(errors.__all__)
    above: dict[int, str] = {}
    for name, level in depth.items():
        above[level] = name
        parent = above.get(level - 1, "Exception")
        assert parent in {base.__name__ for base in getattr(errors, name).__bases__}, name


def pickled(error):
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - our own, a line ago


@pytest.mark.parametrize("kind", all_kinds())
@pytest.mark.parametrize("across", [pickled, copy.copy, copy.deepcopy])
def test_an_error_crosses_processes_with_all_it_carries(kind, across):
    error = made(kind)
    error.add_note("3 attempts")
    arrived = across(error)
    assert type(arrived) is kind
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


def test_what_needs_confirmation_names_the_argument():
    assert "confirm=True" in str(ConfirmationNeeded("This deletes all.", argument="confirm=True"))
