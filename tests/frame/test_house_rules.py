"""House rules: stated in a line, checked over columns, told in the same report."""

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.frame.preflight import preflight


def shop() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "productId": ["1", "2", "3"],
            "name": ["Abc", "x", "Long name"],
            "mainCategory": "all",
            "productUrl": "https://shop.example.com/x",
            "available": [True, True, False],
            "price": [100, 0.5, 70.0],
            "discountPrice": [90.0, 0.46, None],
            "brand": ["Acme", "x", None],
            "quantity": [1, 2, None],
        },
        index=["a", "b", "c"],
    )


@pytest.mark.parametrize(
    ("rule", "against"),
    [
        ("price >= 1", ["b"]),
        ("price < 70.00", ["a", "c"]),
        ("discountPrice <= 0.9 * price", ["b"]),
        ("discountPrice <= 92 % * price", []),
        ('brand in {"Acme", "Nord"}', ["b"]),
        ("systemDetails.brand not in ['x']", ["b"]),
        ('name matches "[A-Z].*"', ["b"]),
        ("name != 'x'", ["b"]),
        ("len(name) <= 5", ["c"]),
        ("quantity + 1 > 2", ["a"]),
        ("quantity == 1", ["b"]),
        ("price / discountPrice < 1.1", ["a"]),
        ("-price < -1", ["b"]),
        ("available == True", ["c"]),
        ("price not in {0.5, 70}", ["b", "c"]),
    ],
)
def test_a_rule_finds_exactly_the_rows_that_break_it(rule, against):
    report = preflight(shop(), rules=sm.rules(rule))
    broken = report.issues[report.issues["message"].str.contains("house rule")]
    assert broken["index"].tolist() == against
    assert set(broken["severity"]) <= {"error"}


def test_a_missing_value_breaks_only_the_rule_that_asks_for_it():
    report = preflight(shop(), rules=sm.rules("brand == 'Acme'", "missing(brand) < 5 %"))
    assert [(found.field, found.message) for found in report.table_findings] == [
        ("brand", "breaks the house rule missing(brand) < 5 %: 33.3% are missing")
    ]
    assert report.issues["index"].tolist() == [None, "b"]


def test_a_rule_about_a_column_refuses_no_row_but_the_report_is_not_ok():
    report = preflight(shop(), rules=sm.rules("missing(brand) < 5 %"))
    assert not report.ok
    assert report.ready == 3


def test_a_share_that_holds_is_not_told():
    assert preflight(shop(), rules=sm.rules("missing(brand) < 50 %")).ok


def test_warn_makes_a_warning_of_a_rule():
    report = preflight(shop(), rules=sm.rules("warn: price >= 1"))
    assert report.ok
    assert report.warnings == 1


@pytest.mark.parametrize(
    "line",
    ["price", "foo(", "__import__('os')", "1 > 2", "price >= 1 > 2", "price.real.imag > 1", "[x for x in y] == 1",
     "lambda: 1", "len(price, name) > 1", "open('x') == 1", "price >= name.format(1)"],
)  # fmt: skip
def test_a_line_that_is_no_rule_is_refused_by_name(line):
    with pytest.raises(sm.errors.UsageError, match=r"is not understood.*price >= 1"):
        sm.rules(line)


@pytest.mark.parametrize("line", ["name > 3", "brand < price", "len(price) > 2"])
def test_unlike_things_are_not_compared(line):
    with pytest.raises(sm.errors.UsageError, match="different kinds"):
        preflight(shop(), rules=sm.rules(line))


def test_a_field_without_a_column_is_named_with_the_nearest():
    with pytest.raises(sm.errors.UsageError, match=r"speaks of prise, which no column here holds\. Nearest: price"):
        preflight(shop(), rules=sm.rules("prise > 1"))


def test_rules_are_saved_and_loaded(tmp_path):
    stated = sm.rules("price >= 1", 'warn: name matches "[A-Z„].*"')
    stated.save(tmp_path / "shop.rules.json")
    loaded = sm.load_rules(tmp_path / "shop.rules.json")
    assert loaded.lines() == stated.lines() == ["price >= 1", 'warn: name matches "[A-Z„].*"']
    assert repr(loaded) == repr(stated)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"smnotebook_rules": 1}', "null"])
def test_a_file_without_rules_says_so(tmp_path, content):
    path = tmp_path / "rules.json"
    path.write_text(content)
    with pytest.raises(sm.errors.UsageError, match="holds no house rules"):
        sm.load_rules(path)


def test_a_file_of_another_version_says_so(tmp_path):
    path = tmp_path / "rules.json"
    path.write_text('{"smnotebook_rules": 99, "rules": []}')
    with pytest.raises(sm.errors.UsageError, match="another version"):
        sm.load_rules(path)
