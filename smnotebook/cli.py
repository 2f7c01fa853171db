"""The command ``smnotebook``: demo, lab, app, sandbox, ledger, doctor.

Exit status 0: done, every row accounted for. 1: it could not be done, and standard error says why in a sentence.
2: the command line itself was wrong. 130: interrupted.
"""

from __future__ import annotations

import argparse
import io
import sys
import webbrowser
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from smnotebook.contract import HOURLY_LIMITS
from smnotebook.errors import SmnotebookError

__all__ = ["main"]

_PORTS = range(65_536)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    _tolerate_poor_terminals()
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "lab":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _run(options, rest)
    except (SmnotebookError, OSError) as error:
        print(f"smnotebook: {_sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("smnotebook: interrupted.", file=sys.stderr)
        return 130


def _tolerate_poor_terminals() -> None:
    """A letter that the terminal lacks becomes a stand-in, not the end of the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return str(error)


def _run(options: argparse.Namespace, rest: Sequence[str]) -> int:
    # each command loads only what it needs: asking for help must not wait for pandas
    match options.command:
        case "demo":
            from smnotebook.demo import run_demo

            reading = {} if options.url_template is None else {"url_template": options.url_template}
            return run_demo(options.file, as_json=options.json, reading=reading)
        case "lab":
            return _open_lab(options, rest)
        case "app":
            return _open_app(options)
        case "sandbox":
            return _serve_sandbox(options)
        case "ledger":
            from smnotebook.tidying import describe_ledgers, prune_ledgers

            print(*(prune_ledgers(keep_days=options.keep_days) if options.prune else describe_ledgers()), sep="\n")
            return 0
        case _:
            from smnotebook.doctor import examine, print_findings

            return print_findings(examine())


def _open_lab(options: argparse.Namespace, rest: Sequence[str]) -> int:
    from smnotebook.lab import open_jupyterlab

    _fill_folder(options.folder)
    passed_on = ["--no-browser"] * options.no_browser + [f"--port={options.port}"] * (options.port is not None)
    open_jupyterlab(options.folder, [*passed_on, *rest])


def _open_app(options: argparse.Namespace) -> int:
    from smnotebook.app import find_notebook, open_app

    _fill_folder(options.folder)
    browse = None if options.no_browser else webbrowser.open
    notebook = find_notebook(options.folder, options.notebook)
    say = partial(print, flush=True)  # it is read before the command ends
    open_app(notebook, announce=say, port=options.port or 0, theme=options.theme, browse=browse)
    return 0


def _fill_folder(folder: Path) -> None:
    from smnotebook.lab import fill_folder

    for copy in fill_folder(folder):
        if copy.outcome == "kept":
            print(f"kept     {copy.path}: you changed it. To get the bundled one too, rename yours and run this again.")
        else:
            print(f"{copy.outcome:<8} {copy.path}")


def _serve_sandbox(options: argparse.Namespace) -> int:
    from smnotebook.sandbox import serve

    serve(
        port=options.port or 0,
        api_key=options.api_key,
        db=options.db,
        plan="custom" if options.hourly_limit is not None else options.plan,
        hourly_limit=options.hourly_limit,
        seed=options.seed,
        faults=options.fault,
        env=options.env,
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smnotebook", description="Product tables from pandas into SALESmanago Product Catalogs."
    )
    parser.add_argument("--version", action="version", version=f"smnotebook {version('smnotebook')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_lab(commands)
    _add_app(commands)
    _add_sandbox(commands)
    _add_ledger(commands)
    commands.add_parser("doctor", help="say what is installed, configured and missing", allow_abbrev=False)
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name


def _add_demo(commands: _Commands) -> None:
    demo = commands.add_parser(
        "demo", help="upload a product file to the embedded sandbox and show what happens", allow_abbrev=False
    )
    demo.add_argument("file", nargs="?", type=Path, metavar="FILE", help="product file; default: the bundled one")
    demo.add_argument(
        "--url-template",
        metavar="URL",
        help="builds productUrl where FILE has none, for example https://shop.example.com/products/{Handle}",
    )
    demo.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def _add_lab(commands: _Commands) -> None:
    lab = commands.add_parser(
        "lab",
        help="copy the bundled notebooks into a folder and open JupyterLab there",
        description="Options that are not listed here go to JupyterLab; write them as --name=value.",
        allow_abbrev=False,
    )
    _add_folder_and_browser(lab, port="port of JupyterLab")


def _add_app(commands: _Commands) -> None:
    app = commands.add_parser(
        "app",
        help="copy the bundled notebooks into a folder and open the forms of one as a page without code",
        allow_abbrev=False,
    )
    _add_folder_and_browser(app, port="port of the page; default: one that is free")
    app.add_argument(
        "--notebook",
        default="02_create_catalog_and_upload",
        metavar="NAME",
        help="which of the folder's notebooks; default: %(default)s",
    )
    app.add_argument("--theme", choices=["light", "dark"], default="light", help="default: %(default)s")


def _add_folder_and_browser(parser: argparse.ArgumentParser, *, port: str) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("smnotebook-lab"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--no-browser", action="store_true", help="start the server, open no browser")
    parser.add_argument("--port", type=_port, help=port)


def _add_sandbox(commands: _Commands) -> None:
    sandbox = commands.add_parser(
        "sandbox",
        help="run the sandbox in the foreground; line 1 is JSON with its credentials",
        allow_abbrev=False,
    )
    sandbox.add_argument("--port", type=_port, help="default: one that is free")
    sandbox.add_argument("--api-key", metavar="KEY", help="default: a random one")
    sandbox.add_argument("--db", type=Path, metavar="FILE", help="SQLite file to keep; default: in memory")
    sandbox.add_argument("--env", action="store_true", help="print them as lines for a shell: export SANDBOX_URL=...")
    quota = sandbox.add_mutually_exclusive_group()
    quota.add_argument("--plan", choices=[name for name, limit in HOURLY_LIMITS.items() if limit], default="none")
    quota.add_argument("--hourly-limit", type=int, metavar="N", help="requests an hour")
    sandbox.add_argument("--seed", type=int, metavar="N", help="repeats faults and ids")
    sandbox.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        help="for example unavailable:requests=3-5,retry_after=2; may be given several times",
    )


def _add_ledger(commands: _Commands) -> None:
    ledger = commands.add_parser(
        "ledger", help="say how large the record of all uploads is, and give old history back", allow_abbrev=False
    )
    ledger.add_argument(
        "--prune",
        action="store_true",
        help="drop what later runs have overwritten; what is stored today, events and what is in doubt stay",
    )
    ledger.add_argument(
        "--keep-days", type=_days, default=365, metavar="N", help="history to keep; default: %(default)s"
    )


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to {_PORTS[-1]}")
    return int(text)
