"""The house, read from the imports: who may use which library, and who may know whom (DESIGN, section 1)."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import smnotebook

PACKAGE = Path(smnotebook.__file__).parent
REPOSITORY = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))

#: Which rooms may import a library. A room is a folder, or a module at the top of the package.
OWNERS = {
    "pandas": {"values", "mapping", "frame", "feeds", "accessor", "upload"},
    "pyarrow": {"values", "mapping", "frame", "feeds", "accessor", "upload"},
    "requests": {"wire"},
    "urllib3": {"wire"},
    "sqlite3": {"ledger", "sandbox/store"},
    "ipywidgets": {"forms"},
    "anywidget": {"forms"},
    "traitlets": {"forms"},
    "voila": {"app"},
    "tornado": {"app"},
    "jupyter_server": {"app"},
    "nbformat": {"app"},
    "fastapi": {"sandbox"},
    "starlette": {"sandbox"},
    "uvicorn": {"sandbox"},
    "matplotlib": {"render"},
    "keyring": {"settings"},
    "xxhash": {"fingerprints"},
    "platformdirs": {"settings"},
    "argparse": {"cli"},
}

#: What stands below all: anyone may know it.
GROUND_FLOORS = {"contract", "errors", "private_files", "process"}
#: The modules at the top that stand for an account, as forms and meeting places are handed it.
ACCOUNT = {"catalog", "client", "profiles", "settings"}
#: The folders, and what each may know besides the ground floors and itself. Neighbours (frame, feeds, wire, ledger,
#: sandbox) are absent from each other's lists: they meet in upload and events.
MAY_KNOW = {
    "app": set(),
    "values": set(),
    "mapping": {"settings", "values"},
    "render": set(),
    "frame": {"fingerprints", "mapping", "render", "values"},
    "feeds": {"mapping", "render", "values"},
    "wire": set(),
    "ledger": {"fingerprints"},
    "sandbox": set(),
    "upload": {"events", "fingerprints", "frame", "ledger", "render", "values", "wire"} | ACCOUNT,
    "events": {"frame", "ledger", "render", "wire"} | ACCOUNT,
    "forms": {"bundled", "events", "feeds", "frame", "mapping", "render", "upload", "values"} | ACCOUNT,
}
CONTRACT_LIBRARIES = {"pydantic", "pydantic_core", "iso4217", "langcodes"}

MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 400
FORBIDDEN_NAMES = re.compile(
    r"(^|_)(utils?|helpers?|manager|base|common|core|misc|handlers?|processor|service|engine)($|_)"
)


def room(path: Path) -> str:
    """``frame`` for frame/table.py, ``accessor`` for accessor.py, the empty text for the door itself."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py").removesuffix("__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module that a file imports when it runs, wherever the import stands."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    waiting: list[ast.AST] = [tree_of(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting.extend(ast.iter_child_nodes(node))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def offenders(find: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """What ``find`` objects to, by module."""
    return {name_of(path): found for path in MODULES if (found := find(path))}


def rooms_known_to(path: Path) -> set[str]:
    """The rooms of this package that a file imports from."""
    inside = (name.split(".") for name in imported(path))
    return {parts[1] for parts in inside if parts[0] == "smnotebook" and len(parts) > 1}


def test_a_library_is_used_only_in_its_room():
    def strangers(path):
        where = {
            name_of(path).removesuffix(".py"),
            *(folder.as_posix() for folder in path.relative_to(PACKAGE).parents),
        }
        libraries = {name.partition(".")[0] for name in imported(path)}
        return {library for library in libraries & OWNERS.keys() if not OWNERS[library] & where}

    assert offenders(strangers) == {}


def test_neighbours_do_not_know_each_other():
    def strangers(path):
        own = room(path)
        return rooms_known_to(path) - GROUND_FLOORS - MAY_KNOW[own] - {own} if own in MAY_KNOW else set()

    assert offenders(strangers) == {}


def test_the_ground_floors_rest_on_nothing_of_the_house():
    def strangers(path):
        libraries = {name.partition(".")[0] for name in imported(path)} - sys.stdlib_module_names
        match room(path):
            case "errors":
                return libraries
            case "contract":
                return (libraries - CONTRACT_LIBRARIES - {"smnotebook"}) | (rooms_known_to(path) - GROUND_FLOORS)
        return set()

    assert offenders(strangers) == {}


def test_nobody_reaches_for_a_private_name_of_another_room():
    def private(path):
        names = (name.split(".") for name in imported(path) if name.startswith("smnotebook."))
        return {".".join(parts) for parts in names if parts[1] != room(path) and any(p.startswith("_") for p in parts)}

    assert offenders(private) == {}


def test_every_folder_has_its_place_in_these_rules():
    folders = {path.relative_to(PACKAGE).parts[0] for path in PACKAGE.glob("*/**/*.py")}
    assert folders == set(MAY_KNOW) | {"contract"}


def test_names_say_what_a_module_is_for():
    assert [name_of(path) for path in MODULES if FORBIDDEN_NAMES.search(path.stem)] == []


def test_functions_are_readable_at_a_glance():
    def long_functions(path):
        nodes = ast.walk(tree_of(path))
        functions = (node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
        return {node.name for node in functions if code_lines(node) > MAX_FUNCTION_LINES}

    assert offenders(long_functions) == {}


def test_modules_have_one_job():
    assert [name_of(path) for path in MODULES if path.read_text(encoding="utf-8").count("\n") > MAX_MODULE_LINES] == []


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without the docstring: a long list of documented arguments is no long function."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def in_a_new_interpreter(code: str) -> object:
    """What ``code`` prints as JSON, run in an interpreter that knows nothing of this one."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_importing_the_package_loads_nothing_heavy():
    heavy = {
        "matplotlib",
        "ipywidgets",
        "anywidget",
        "IPython",
        "fastapi",
        "starlette",
        "uvicorn",
        "keyring",
        "tqdm.notebook",
        "openpyxl",
        "lxml",
    }
    loaded = in_a_new_interpreter("import sys, json, smnotebook; print(json.dumps(list(sys.modules)))")
    assert not heavy & set(loaded)


def test_importing_the_package_opens_no_file_socket_or_database():
    """Python's own audit events tell; what the import system reads is its own business."""
    code = """
import sys, json, pandas, pyarrow, pydantic, requests, sqlite3
seen = []
def hook(event, arguments):
    if event in ("sqlite3.connect", "socket.bind", "socket.connect", "subprocess.Popen"):
        seen.append([event, str(arguments)])
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc", ".so", ".pyd", ".zip", "METADATA")):
        seen.append([event, str(arguments[0])])
sys.addaudithook(hook)
import smnotebook
print(json.dumps(seen))
"""
    assert in_a_new_interpreter(code) == []


def test_no_path_of_a_machine_is_in_the_tree():
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    machine = re.compile(r"(?<![\w.:])/(?:work|farm|home|root)/[a-z]")
    guilty = []
    for name in listed.stdout.split():
        path = REPOSITORY / name
        if path.suffix in (".py", ".md", ".toml", ".ipynb", ".cfg", ".csv") and path.exists():
            guilty += [name for line in path.read_text(encoding="utf-8").splitlines() if machine.search(line)]
    assert not guilty
