"""Mappings: suggested from names and cells, changed, kept, applied."""

from __future__ import annotations

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import FeedError, UsageError
from smnotebook.mapping import Mapping, suggest_mapping
from smnotebook.values.report import ReadingReport

POLISH = pd.DataFrame(
    {
        "Kod produktu": ["007", "008", "009"],
        "Nazwa towaru": ["Kubek żółty", "Łyżka", "Talerz"],
        "Kategoria": ["Dom > Kuchnia > Kubki", "Dom > Kuchnia", "Dom > Kuchnia"],
        "Cena brutto": ["29,90 zł", "1 249,00 zł", "15,00 zł"],
        "Cena promocyjna": ["19,90 zł", "", "15,00 zł"],
        "Cena zakupu": ["10,00", "500,00", "5,00"],
        "Stan magazynowy": ["3", "0", "10"],
        "Zdjęcie": ["https://img.example.pl/a.jpg"] * 3,
        "Zdjęcie 2": ["https://img.example.pl/b.jpg"] * 3,
        "Adres URL": ["https://s.example.pl/1", "https://s.example.pl/2", "https://s.example.pl/3"],
        "Opis produktu": ["<p>Pojemność&nbsp;0,3&nbsp;l</p>", "Stal", "Porcelana"],
        "Kontakt": ["a@example.pl", "b@example.pl", ""],
        "Półka": ["A1", "B2", "C3"],
    },
    index=["x", "y", "z"],
)


@pytest.fixture
def mapping():
    return suggest_mapping(POLISH)


class TestSuggestion:
    def test_finds_fields_by_their_polish_names(self, mapping):
        found = {rule.field: rule.columns for rule in mapping.rules}
        assert found == {
            "productId": ("Kod produktu",),
            "name": ("Nazwa towaru",),
            "mainCategory": ("Kategoria",),
            "categories": ("Kategoria",),
            "price": ("Cena brutto",),
            "discountPrice": ("Cena promocyjna",),
            "quantity": ("Stan magazynowy",),
            "available": ("Stan magazynowy",),
            "mainImageUrl": ("Zdjęcie",),
            "imageUrls": ("Zdjęcie 2",),
            "productUrl": ("Adres URL",),
            "description": ("Opis produktu",),
        }

    def test_never_maps_addresses_of_people_and_purchase_prices(self, mapping):
        assert set(mapping.refused) == {"Kontakt", "Cena zakupu"}
        assert "e-mail" in mapping.refused["Kontakt"]

    def test_says_what_is_left(self, mapping):
        assert mapping.unmapped == ("Półka",)

    def test_shows_score_and_reason(self, mapping):
        score, reason = mapping.notes["price"]
        assert 0.9 < score <= 1
        assert "gross, price" in reason

    @pytest.mark.parametrize(
        ("column", "cells", "field"),
        [
            ("Product Name", ["Cup", "Pot"], "name"),
            ("productName", ["Cup", "Pot"], "name"),
            ("PRODUCT_ID", ["1", "2"], "productId"),
            ("Discription", ["<p>A long text about it</p>", "<p>Another text of some length</p>"], "description"),
            ("Bezeichnung", ["Tasse", "Kanne"], "name"),
            ("Verfügbarkeit", ["ja", "nein"], "available"),
            ("Preis", ["9,90 €", "12,00 €"], "price"),
            ("Precio con IVA", ["9,90", "12,00"], "price"),
            ("Disponibilidad", ["agotado", "en stock"], "available"),
            ("Prix TTC", ["9,90", "12,00"], "price"),
            ("Quantité", ["3", "5"], "quantity"),
            ("Immagine", ["https://e.it/a.jpg", "https://e.it/b.jpg"], "mainImageUrl"),
            ("Marka", ["Lipa", "Lipa"], "systemDetails.brand"),
            ("whatever", ["https://s.example.com/a", "https://s.example.com/b"], "productUrl"),
        ],
    )
    def test_knows_six_languages_spellings_and_content(self, column, cells, field):
        mapping = suggest_mapping(pd.DataFrame({column: cells}))
        assert mapping[field].columns == (column,)

    @pytest.mark.parametrize(
        ("column", "cells"),
        [
            ("EK netto", ["4,00", "5,00"]),
            ("Cost per item", ["4.00", "5.00"]),
            ("prix d'achat", ["4,00", "5,00"]),
            ("Précio", ["a@b.example.com", "c@d.example.com"]),
            ("Discount percent", ["10", "20"]),
            ("price", ["https://a.example.com/1", "https://a.example.com/2"]),
        ],
    )
    def test_no_price_comes_from_these(self, column, cells):
        mapping = suggest_mapping(pd.DataFrame({column: cells}))
        assert "price" not in mapping
        assert "discountPrice" not in mapping

    def test_a_former_price_is_the_regular_one(self):
        frame = pd.DataFrame({"Preis": ["9,90", "20,00"], "Streichpreis": ["12,90", ""]})
        products = suggest_mapping(frame).apply(frame)
        assert products["price"].tolist() == [12.9, 20.0]
        assert products["discountPrice"].tolist()[0] == 9.9
        assert pd.isna(products["discountPrice"].tolist()[1])

    def test_a_table_without_columns_is_an_error(self):
        with pytest.raises(UsageError, match="no columns"):
            suggest_mapping(pd.DataFrame())


class TestApplication:
    def test_makes_products_on_the_tables_own_index(self, mapping):
        products = mapping.apply(POLISH)
        assert products.index.tolist() == ["x", "y", "z"]
        assert products["productId"].tolist() == ["007", "008", "009"]
        assert products["price"].tolist() == [29.9, 1249.0, 15.0]
        assert products["discountPrice"].notna().tolist() == [True, False, False]
        assert products["available"].tolist() == [True, False, True]
        assert products["mainCategory"].tolist() == ["Kubki", "Kuchnia", "Kuchnia"]
        assert products["categories"].tolist() == [["Dom", "Kuchnia"], ["Dom"], ["Dom"]]
        assert products["description"].tolist()[0] == "Pojemność 0,3 l"

    def test_leaves_the_table_alone(self, mapping):
        before = POLISH.copy(deep=True)
        mapping.apply(POLISH)
        pd.testing.assert_frame_equal(POLISH, before)

    def test_reports_what_was_left(self, mapping):
        report = ReadingReport.from_dict(mapping.apply(POLISH).attrs["smnotebook.reading"])
        assert set(report.unmapped) == {"Kontakt", "Cena zakupu", "Półka"}
        assert report.mapped["price"] == "Cena brutto"

    def test_several_columns_make_one_list(self):
        frame = pd.DataFrame({"a": ["Cups", "Pots"], "b": ["Kitchen", None], "c": ["Cups", "Tea"]})
        products = Mapping(rules=()).set("categories", ["a", "b", "c"]).apply(frame)
        assert products["categories"].tolist() == [["Cups", "Kitchen"], ["Pots", "Tea"]]

    def test_constants_and_transforms_by_name(self):
        frame = pd.DataFrame({"net": ["10.00", "20.00"], "name": ["Żółty kubek", "Pot"]})
        mapping = (
            Mapping(rules=())
            .set("name", "name")
            .set("price", "net", transform="add_tax:23")
            .set("available", constant=True)
            .set("productUrl", transform="template:https://shop.example.com/{slug}")
        )
        products = mapping.apply(frame)
        assert products["price"].tolist() == [12.3, 24.6]
        assert products["available"].tolist() == [True, True]
        assert products["productUrl"].tolist() == [
            "https://shop.example.com/zolty-kubek",
            "https://shop.example.com/pot",
        ]

    def test_what_cannot_be_read_stays_for_preflight(self):
        frame = pd.DataFrame({"p": ["10.00", "on request"]})
        assert Mapping(rules=()).set("price", "p").apply(frame)["price"].tolist() == [10.0, "on request"]

    def test_a_missing_column_is_named_with_the_nearest(self, mapping):
        with pytest.raises(UsageError, match="Kod produktu"):
            mapping.apply(POLISH.rename(columns={"Kod produktu": "Kod produkt"}))

    def test_an_unknown_field_or_transform_is_refused(self):
        with pytest.raises(UsageError, match="prise"):
            Mapping(rules=()).set("prise", "a")
        with pytest.raises(UsageError, match="no transform 'monney'"):
            Mapping(rules=()).set("price", "a", transform="monney").apply(pd.DataFrame({"a": ["1"]}))


class TestKeeping:
    def test_is_saved_and_loaded(self, mapping, tmp_path):
        loaded = Mapping.load(mapping.save(tmp_path / "mapping.json"))
        assert loaded.rules == mapping.rules
        pd.testing.assert_frame_equal(loaded.apply(POLISH), mapping.apply(POLISH))

    def test_is_edited_as_a_table(self, mapping):
        table = mapping.as_frame()
        table.loc[table["field"] == "name", "columns"] = "Półka"
        edited = Mapping.from_frame(table)
        assert edited["name"].columns == ("Półka",)
        assert edited["price"] == mapping["price"]

    def test_set_and_without_give_new_mappings(self, mapping):
        changed = mapping.without("description").set("name", "Opis produktu")
        assert "description" not in changed
        assert changed["name"].columns == ("Opis produktu",)
        assert mapping["name"].columns == ("Nazwa towaru",)

    @pytest.mark.parametrize("content", ["", "[]", '{"version": 1}', "not json"])
    def test_a_file_that_holds_none_is_an_error(self, tmp_path, content):
        path = tmp_path / "mapping.json"
        path.write_text(content)
        with pytest.raises(FeedError, match="no mapping"):
            Mapping.load(path)

    def test_another_version_is_said(self):
        with pytest.raises(UsageError, match="version 9"):
            Mapping.from_dict({"version": 9, "rules": []})

    def test_shows_itself_in_text_and_escaped_html(self):
        mapping = suggest_mapping(pd.DataFrame({"name": ["Cup", "Pot"], "<script>": ["a", "b"]}))
        assert "name" in repr(mapping)
        assert "<script>" not in mapping._repr_html_()


def test_a_file_without_a_preset_reaches_the_catalog_in_a_few_lines(tmp_path):
    path = tmp_path / "laden.csv"
    path.write_text(
        "Artikelnummer;Bezeichnung;Warengruppe;Preis;Lagerbestand;Verfügbar\n"
        "A-1;Mütze;Mützen;12,50 €;4;ja\nA-2;Schal;Schals;1.019,00 €;0;nein\n",
        encoding="cp1252",
    )
    with sm.Sandbox() as sandbox:
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
        catalog = client.create_catalog("Laden", "EUR", "laden")
        raw = sm.read_feed(path)
        mapping = raw.salesmanago.suggest_mapping(url_template="https://laden.de/{slug}")
        mapping.save(tmp_path / "laden.json")
        products = raw.salesmanago.map(sm.Mapping.load(tmp_path / "laden.json"))
        report = products.salesmanago.upsert_products(catalog, progress=False)
        client.close()
        stored = {product["productId"]: product for product in sandbox.products(catalog.id)}
    assert (report.sent, report.refused) == (2, 0)
    assert stored["A-2"]["productUrl"] == "https://laden.de/schal"
    assert [str(stored[key]["price"]) for key in ("A-1", "A-2")] == ["12.50", "1019.00"]
    assert [stored[key]["available"] for key in ("A-1", "A-2")] == [True, False]
