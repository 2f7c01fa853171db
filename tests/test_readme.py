"""The README is true: its code runs, its commands are CI's, its table of fields is the contract's.

Run as a script, this writes the table of fields anew.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smnotebook.contract import Product, declared_fields
from smnotebook.contract.fields import Choice, Constraint, Details, Flag, Items, Money, Names, Text, Whole
from smnotebook.sandbox.honesty import CLAIMS

REPOSITORY = Path(__file__).parent.parent
README = REPOSITORY / "README.md"

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_BEGIN, _END = "<!-- fields: begin (written by python tests/test_readme.py) -->\n", "<!-- fields: end -->"
_TABLE = re.compile(f"(?<={re.escape(_BEGIN)}).*(?={re.escape(_END)})", re.DOTALL)


def blocks(language: str) -> list[str]:
    return [code for name, code in _FENCE.findall(README.read_text(encoding="utf-8")) if name == language]


def kind(constraint: Constraint) -> str:
    """What a field may hold, in the words of an analyst."""
    match constraint:
        case Choice(options=options):
            return "one of " + ", ".join(map(str, sorted(options)))
        case Text(max=most, soft=soft, grammar=grammar):
            of = "URL" if grammar else "text"
            return f"{of}, {most:,} characters" + (f"; a warning above {soft:,}" if soft else "")
        case Items(max=most, of=of):
            return f"list of at most {most}, each {kind(of)}"
        case Details(max=most, of=of):
            return f"at most {most} named texts, each {kind(of)}"
        case Money(digits=digits):
            return f"amount, {digits} digits and 2 decimals"
        case Whole():
            return "whole number"
        case Flag():
            return "true or false"
        case Names():
            return "list of field names"
    raise AssertionError(f"no words for {constraint!r}")


def field_table() -> str:
    def rows() -> Iterator[str]:
        yield "| field | holds | meaning |"
        yield "|---|---|---|"
        for field in declared_fields(Product):
            name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
            yield f"| {name} | {kind(field.constraint)} | {field.description} |"

    return "".join(f"{row}\n" for row in rows())


def test_the_table_of_fields_is_the_contracts():
    (table,) = _TABLE.findall(README.read_text(encoding="utf-8"))
    assert table == field_table(), "run: python tests/test_readme.py"


_CLAIMS = re.compile(
    r"(?<=<!-- claims: begin \(written by python tests/test_readme\.py\) -->\n).*(?=<!-- claims: end -->)", re.DOTALL
)


def claim_table() -> str:
    rows = ["| about | the sandbox | basis | source | switch |", "|---|---|---|---|---|"]
    for claim in CLAIMS:
        switch = f"`{claim.switch}`" if claim.switch else ""
        rows.append(f"| {claim.topic} | {claim.behaviour} | {claim.basis} | {claim.source} | {switch} |")
    return "".join(f"{row}\n" for row in rows)


def test_the_table_of_claims_is_the_sandboxs():
    (table,) = _CLAIMS.findall(README.read_text(encoding="utf-8"))
    assert table == claim_table(), "run: python tests/test_readme.py"


EXPORT = """sku;title;group;gross
A1;Kubek;Kubki;12,50
A2;Mug, large;Mugs;19
"""


@pytest.fixture
def newcomer(tmp_path, monkeypatch):
    """A folder such as a newcomer has: the clone's data, and an export of their own."""
    shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    (tmp_path / "my_export.csv").write_text(EXPORT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_the_code_runs_from_top_to_bottom(newcomer, capsys):
    names: dict[str, object] = {}
    for code in blocks("python"):
        exec(compile(code, str(README), "exec"), names)  # noqa: S102 - our own README
    said = capsys.readouterr().out
    assert "60 ready" in said
    assert "60 sent" in said
    assert names["report"].errors > 0
    assert names["result"].refused > names["again"].refused > 0, "the mended row went through, the others did not"
    assert names["export"].salesmanago.preflight().ok


def test_the_first_screen_has_both_commands_and_ci_finds_them():
    first_screen = README.read_text(encoding="utf-8").split("\n## ")[0]
    ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    for pattern in re.findall(r'readme_command "(.+?)"', ci):
        (command,) = [line for line in README.read_text(encoding="utf-8").splitlines() if re.search(pattern, line)]
        assert command in first_screen
    assert len(first_screen.splitlines()) <= 40


def test_every_name_in_the_code_is_public(newcomer):
    import smnotebook

    used = {name for code in blocks("python") for name in re.findall(r"\bsm\.(\w+)", code)}
    assert used <= set(smnotebook.__all__)


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")
def test_the_session_in_another_language_runs(tmp_path):
    """Two refusals would be silent in a shell: the answers are looked at."""
    (session,) = [code for code in blocks("bash") if "curl" in code]
    command = f"{shlex.quote(sys.executable)} -m smnotebook"
    script = "set -eu\ntrap 'kill %1' EXIT\n" + session.replace("smnotebook sandbox", f"{command} sandbox")
    done = subprocess.run(
        ["bash", "-m", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    created, listed, contact = json_objects(done.stdout)
    assert [catalog["catalogId"] for catalog in listed["catalogs"]] == [created["catalogId"]]
    assert contact["success"] is True


def json_objects(text: str) -> list[dict[str, object]]:
    """JSON objects that stand one after the other."""
    found, decoder, at = [], json.JSONDecoder(), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


if __name__ == "__main__":
    told = _TABLE.sub(lambda _: field_table(), README.read_text(encoding="utf-8"))
    README.write_text(_CLAIMS.sub(lambda _: claim_table(), told), encoding="utf-8")
