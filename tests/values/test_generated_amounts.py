"""Tables of random right values, written as ten locales write them: each comes back, or is a question."""

from __future__ import annotations

import io
import json
import random
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from smnotebook.feeds import read_feed, reading_report
from smnotebook.values.amounts.reading import read_count, read_money
from smnotebook.values.findings import Journal


@dataclass(frozen=True, kw_only=True)
class Locale:
    """How amounts are written somewhere: marks, currency, where it stands, how often there are cents."""

    decimal: str
    group: str
    form: str
    cents: bool = True
    lakh: bool = False

    def written(self, amount: int, *, digits: int, grouped: bool, bare: bool) -> str:
        """``amount`` in hundredths, with so many decimals."""
        whole, rest = divmod(amount, 100)
        text = self.groups(str(whole)) if grouped else str(whole)
        text += f"{self.decimal}{rest:02d}" if digits else ""
        return text if bare else self.form.format(text)

    def groups(self, digits: str) -> str:
        if self.lakh and len(digits) > 3:
            return re.sub(r"\d(?=(?:\d\d)+$)", rf"\g<0>{self.group}", digits[:-3]) + self.group + digits[-3:]
        return f"{int(digits):,}".replace(",", self.group)


LOCALES = {
    "pl_PL": Locale(decimal=",", group="\u00a0", form="{}\u00a0zł"),
    "de_DE": Locale(decimal=",", group=".", form="{} €"),
    "de_CH": Locale(decimal=".", group="’", form="CHF {}"),
    "en_US": Locale(decimal=".", group=",", form="${}"),
    "en_IN": Locale(decimal=".", group=",", form="₹{}", lakh=True),
    "fr_FR": Locale(decimal=",", group="\u202f", form="{}\u00a0€"),
    "pt_BR": Locale(decimal=",", group=".", form="R$ {}"),
    "sv_SE": Locale(decimal=",", group=" ", form="{} kr"),
    "hu_HU": Locale(decimal=",", group=".", form="{} Ft", cents=False),
    "id_ID": Locale(decimal=",", group=".", form="Rp{}", cents=False),
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """Texts, the amounts they stand for, and whether some of them prove what the others mean."""

    texts: list[str]
    amounts: list[float]
    proven: bool


def column(chance: random.Random) -> Column:
    locale = LOCALES[chance.choice(sorted(LOCALES))]
    # within a factor of 90, so that no size speaks against a proof
    least = chance.choice([500, 3_000, 20_000, 120_000])
    sizes = [chance.randrange(least, least * 90) for _ in range(chance.randint(1, 40))]
    style = chance.choice(["always", "where needed", "never"]) if locale.cents else "never"
    grouped, bare = chance.random() < 0.7, locale.cents and chance.random() < 0.5
    texts, amounts = [], []
    for size in sizes:
        amount = size if style == "always" or (style == "where needed" and chance.random() < 0.5) else size // 100 * 100
        digits = 2 if style == "always" or amount % 100 else 0
        texts.append(locale.written(amount, digits=digits, grouped=grouped, bare=bare))
        amounts.append(amount / 100)
    numbers = [re.search(r"\d.*\d|\d", text)[0] for text in texts]
    is_open = [re.fullmatch(r"\d{1,3}[.,]\d{3}", number) is not None for number in numbers]
    # a mark anywhere else shows what it means, there and in all the column
    proofs = any(re.search(r"[.,]", number) and not waits for number, waits in zip(numbers, is_open, strict=True))
    return Column(texts=texts, amounts=amounts, proven=proofs or not any(is_open) or not locale.cents)


def check(made: Column, values: list[object], label: str) -> None:
    for text, amount, value in zip(made.texts, made.amounts, values, strict=True):
        asked = isinstance(value, str)
        assert value == (text if asked else amount), (label, text, value, made.texts)
        assert not (asked and made.proven), (label, "asked about although the column proves it", text, made.texts)


def in_memory(tables: int, seed: int) -> int:
    """How many cells were asked about."""
    chance, asked = random.Random(seed), 0  # noqa: S311
    for number in range(tables):
        made = column(chance)
        cells = read_money(pa.array(made.texts, pa.large_string()), Journal(), field="price", name="p")
        values = cells.to_series().tolist()
        check(made, values, f"table {number} of seed {seed}")
        asked += sum(isinstance(value, str) for value in values)
    return asked


def test_amounts_of_ten_locales():
    assert in_memory(400, seed=1) > 0, "no table without proof was among them"


@pytest.mark.slow
def test_ten_thousand_tables():
    in_memory(10_000, seed=2)


def test_counts_of_ten_locales():
    chance = random.Random(3)  # noqa: S311
    for _ in range(300):
        locale = LOCALES[chance.choice(sorted(LOCALES))]
        counts = [chance.choice([chance.randrange(2000), chance.randrange(1, 90) * 1000]) for _ in range(20)]
        texts = [locale.groups(str(count)) for count in counts]
        values = read_count(pa.array(texts), Journal(), field="quantity", name="q").to_series().tolist()
        proven = locale.group not in ".," or any(len(text) > 4 and not text.endswith("000") for text in texts)
        for text, count, value in zip(texts, counts, values, strict=True):
            assert value == (text if isinstance(value, str) else count)
            assert not (proven and isinstance(value, str)), texts


def as_csv(texts: list[str]) -> bytes:
    return ("sku;name;price\n" + "".join(f'{n};P;"{text}"\n' for n, text in enumerate(texts))).encode()


def as_xlsx(texts: list[str]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in [["sku", "name", "price"], *([str(n), "P", text] for n, text in enumerate(texts))]:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def as_xml(texts: list[str]) -> bytes:
    items = (f"<item><sku>{n}</sku><name>P</name><price>{escape(text)}</price></item>" for n, text in enumerate(texts))
    return f"<products>{''.join(items)}</products>".encode()


def as_json(texts: list[str]) -> bytes:
    return json.dumps([{"sku": str(n), "name": "P", "price": text} for n, text in enumerate(texts)]).encode()


WRITERS = {"csv": as_csv, "xlsx": as_xlsx, "xml": as_xml, "json": as_json}


def through_files(kind: str, tables: int, seed: int, folder: Path) -> None:
    """Whole and in chunks, whose decisions must be those of the whole."""
    chance = random.Random(seed)  # noqa: S311
    mapping = {"productId": "sku", "name": "name", "price": "price"}
    for number in range(tables):
        made = column(chance)
        if len(made.texts) < 2:
            continue  # one record alone is no list of records in XML
        path = folder / f"{number}.{kind}"
        path.write_bytes(WRITERS[kind](made.texts))
        whole = read_feed(path, mapping=mapping)
        check(made, whole["price"].tolist(), f"{kind} {number} of seed {seed}")
        chunks = list(read_feed(path, mapping=mapping, chunk_rows=chance.randint(1, 15)))
        assert pd.concat(chunks)["price"].tolist() == whole["price"].tolist()
        decisions = {str(reading_report(chunk).decisions) for chunk in [whole, *chunks]}
        assert len(decisions) == 1


@pytest.mark.parametrize("kind", WRITERS)
def test_through_files_whole_and_in_chunks(kind, tmp_path):
    through_files(kind, 6, seed=4, folder=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_two_hundred_tables_through_files(kind, tmp_path):
    through_files(kind, 200, seed=5, folder=tmp_path)
