"""Currencies, languages and language tags."""

import datetime

import pytest

from smnotebook.contract.grammars import CURRENCY
from smnotebook.contract.standards import (
    CURRENCY_DATA_DATE,
    WITHDRAWN_LANGUAGES,
    currencies,
    find_currency,
    is_language,
    is_language_tag,
)


def test_the_table_of_currencies_is_dated_and_not_old():
    published = datetime.date.fromisoformat(CURRENCY_DATA_DATE)
    assert published >= datetime.date(2025, 1, 1)


@pytest.mark.parametrize("code", ["EUR", "USD", "PLN", "GBP", "CZK", "JPY", "HUF", "UAH", "XAF", "XOF", "XPF", "XCD"])
def test_a_current_currency_is_taken_without_a_word(code):
    assert find_currency(code).status == "active"
    assert CURRENCY.decide(code)
    assert CURRENCY.advice(code) is None


# WIRE_FACTS section 3: codes that left the standard, and that the live API was seen to take
@pytest.mark.parametrize(
    ("code", "successor"), [("HRK", "EUR"), ("SLL", "SLE"), ("CUC", "CUP"), ("DEM", "EUR"), ("PLZ", "PLN")]
)
def test_a_withdrawn_currency_is_taken_with_its_successor_as_advice(code, successor):
    assert find_currency(code).status == "withdrawn"
    assert CURRENCY.decide(code)
    assert successor in CURRENCY.advice(code)


@pytest.mark.parametrize("code", ["ANG", "BGN"])
def test_a_currency_that_left_lately_is_taken_whatever_the_tables_age(code):
    assert CURRENCY.decide(code)


@pytest.mark.parametrize("code", ["XAU", "XAG", "XTS", "XXX", "XDR", "XBA"])
def test_metals_and_test_codes_are_no_money_for_a_shop(code):
    assert find_currency(code).status == "not for shops"
    assert not CURRENCY.decide(code)


@pytest.mark.parametrize("code", ["", "EU", "EURO", "eur", "Eur", "ZZZ", "E R", "EUR ", "€", "123", "ЕUR"])
def test_what_is_no_code_is_refused(code):
    assert find_currency(code) is None
    assert not CURRENCY.decide(code)


def test_every_successor_is_itself_known_and_current():
    for currency in currencies().values():
        if currency.successor is not None:
            assert find_currency(currency.successor).status == "active", currency


def test_codes_and_names_are_what_they_seem():
    for code, currency in currencies().items():
        assert code == currency.code
        assert len(code) == 3
        assert code.isupper()
        assert currency.name


@pytest.mark.parametrize(("code", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_the_decimals_are_those_of_the_standard(code, decimals):
    assert find_currency(code).decimals == decimals


@pytest.mark.parametrize("code", ["pl", "en", "de", "uk", "he", "id", "yi", "ro", "sh", "zu"])
def test_a_language_code_is_taken(code):
    assert is_language(code)


@pytest.mark.parametrize(
    "code", ["PL", "Pl", "pol", "p", "", "xx", "pl-PL", "iw", "in", "ji", "mo", "jw", "pl ", "ąż", "12"]
)
def test_what_is_no_current_language_code_is_refused(code):
    assert not is_language(code)


def test_there_are_as_many_language_codes_as_the_standard_has():
    """183 two-letter codes, and the withdrawn ``sh`` (WIRE_FACTS section 8)."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert sum(is_language(first + second) for first in letters for second in letters) == 184


def test_withdrawn_languages_name_a_current_one():
    assert WITHDRAWN_LANGUAGES == {"iw": "he", "in": "id", "ji": "yi", "mo": "ro"}
    assert all(map(is_language, WITHDRAWN_LANGUAGES.values()))


@pytest.mark.parametrize("tag", ["pl", "pl-PL", "en-GB", "en-US", "zh-Hant-TW", "es-419", "sr-Latn-RS", "pt-br"])
def test_a_language_tag_is_taken(tag):
    assert is_language_tag(tag)


@pytest.mark.parametrize(
    "tag", ["", "pl_PL", "en-UK", "en-XX", "en-", "-PL", "pl--PL", "polish", "pl-PL ", "xx-PL", "en-GB-x"]
)
def test_what_is_no_language_tag_is_refused(tag):
    assert not is_language_tag(tag)
