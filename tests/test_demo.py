"""``smnotebook demo``: every row is accounted for, and what can't be sent is said in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from smnotebook.bundled import bundled
from smnotebook.cli import main

HEADER = "productId,name,mainCategory,productUrl,available,price\n"
GOOD = "1,Mug,Mugs,https://shop.example.com/mug,true,9.50\n"
FAULTS = str(bundled("data") / "products_with_faults.csv")


def demo(capsys, *arguments) -> tuple[int, dict]:
    status = main(["demo", *arguments, "--json"])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else {"error": err}


def test_the_bundled_products_all_arrive(capsys):
    status, told = demo(capsys)
    assert status == 0
    assert (told["rows"], told["sent"], told["stored"], told["refused"]) == (60, 60, 60, [])
    assert told["requests"] == 1


def test_the_stages_are_timed_one_by_one(capsys):
    _, told = demo(capsys)
    assert list(told["seconds"]) == ["read", "preflight", "catalog", "upload", "read back"]
    assert all(seconds >= 0 for seconds in told["seconds"].values())


def test_refused_rows_are_told_with_their_reasons_and_are_no_failure(capsys):
    status, told = demo(capsys, FAULTS)
    assert status == 0
    assert told["rows"] == told["sent"] + told["unchanged"] + len(told["refused"]) + told["unknown"]
    assert {(item["row"], item["product_id"], item["reason_code"]) for item in told["refused"]} == {
        (2, "00128", 13),
        (4, "00156", 11),
        (6, "00184", 18),
        (8, "00212", 14),
        (10, "00254", 18),
        (11, "00261", 15),
        (12, "00261", 15),
        (13, "00303", 11),
        (15, "00331", 18),
        (17, "00352", 14),
        (22, "00450", 14),
    }
    assert told["stored"] == told["sent"] == 13
    assert told["warnings"] == 1  # the negative stock; the reduced price above the price is left out when it is read


def test_the_text_shows_both_reports_and_what_the_sandbox_holds(capsys):
    assert main(["demo"]) == 0
    said = capsys.readouterr().out
    for word in ("60 rows", "60 ready", "60 sent", "The sandbox now holds 60 products", "00107  Linen tablecloth"):
        assert word in said


def test_a_row_given_twice_is_one_product_and_still_accounted_for(tmp_path, capsys):
    (tmp_path / "twice.csv").write_text(HEADER + GOOD + GOOD, encoding="utf-8")
    status, told = demo(capsys, str(tmp_path / "twice.csv"))
    assert (status, told["sent"], told["stored"]) == (0, 2, 1)


def test_addresses_can_be_built_from_a_template(tmp_path, capsys):
    (tmp_path / "no_url.csv").write_text(
        "productId,name,mainCategory,available,price\n7,Mug,Mugs,true,3\n", encoding="utf-8"
    )
    template = "https://shop.example.com/p/{productId}"
    status, told = demo(capsys, str(tmp_path / "no_url.csv"), "--url-template", template)
    assert (status, told["sent"]) == (0, 1)


BAD_FILES = {
    "empty.csv": b"",
    "header_only.csv": HEADER.encode(),
    "page.csv": b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Session expired</body></html>",
    "report.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type /Catalog>> endobj\n%%EOF\n",
    "picture.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01",
    "zeros.csv": b"\x00" * 2000,
    "other_table.csv": b"date,weather\n2026-01-01,snow\n",
    "all_bad.csv": (HEADER + "1,,Mugs,nowhere,true,9.50\n2,,Mugs,nowhere,true,9.50\n").encode(),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_product_table_gives_a_sentence_and_status_1(name, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(BAD_FILES[name])
    assert main(["demo", str(path)]) == 1
    said = capsys.readouterr().err
    assert name in said
    assert said.startswith("smnotebook: ")
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1


def test_a_table_without_rows_is_said_so(tmp_path, capsys):
    (tmp_path / "header_only.csv").write_text(HEADER, encoding="utf-8")
    assert main(["demo", str(tmp_path / "header_only.csv")]) == 1
    assert "not one row" in capsys.readouterr().err


def test_a_missing_file_and_a_folder_are_told_apart_from_a_bad_one(tmp_path, capsys):
    for path in (tmp_path / "missing.csv", tmp_path):
        assert main(["demo", str(path)]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert path.name in said.err
        assert len(said.err.splitlines()) == 1


def test_the_demo_leaves_nothing_behind(tmp_path):
    """It runs on a sandbox of its own; the analyst's ledger and folder stay as they were."""
    environment = {"SMNOTEBOOK_HOME": str(tmp_path / "home"), "PATH": "", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "smnotebook", "demo"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_without_the_letters_gets_stand_ins(tmp_path):
    environment = {"PYTHONIOENCODING": "ascii", "HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "smnotebook", "demo"], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert rb"\u0141\u0105ka" in done.stdout
