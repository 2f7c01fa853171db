"""What shops write about stock, read as it is meant, or left as text: a table of phrases in fourteen languages."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

import smnotebook as sm
from smnotebook.values.findings import Journal
from smnotebook.values.rules import FieldRule, apply_rules
from smnotebook.values.stock import Stock, read_stock
from smnotebook.values.vocabulary import VOCABULARY
from smnotebook.values.words import read_availability

AVAILABLE = """
In stock | in_stock | IN-STOCK | InStock | instock | https://schema.org/InStock
http://schema.org/LimitedAvailability | schema.org/OnlineOnly | https://schema.org/InStoreOnly
https://schema.org/MadeToOrder | schema:InStock | available | Available now | Low stock | low in stock | Only 3 left
In Stock - 3 left | 3 in stock | in stock (12) | In stock: 5 | Currently in stock | last items | Last item in stock
ready to ship | available for order | still available | 5 left | ✓ In stock | In stock! | Yes, in stock
more than 10 in stock | > 5 | >10 | 10+ | 10 + | >= 3 | 5 | 12.0 | 1,000 | 1 200 | 5-10 szt. | 12 szt. | 5 szt
ponad 50 szt. | 12 pcs | 7 Stück | 4 Stk. | 6 ks | 3 stuks | 2 db | 9 buc | 8 uds | 4 pz | 6 st | Dostępny
dostępna | Dostępne od ręki | na stanie | w magazynie | na wyczerpaniu | ostatnie sztuki | mało | duża ilość
Auf Lager | auf lager | sofort lieferbar | Sofort verfügbar | vorrätig | lagernd | nur noch 2 auf Lager
noch 3 verfügbar | Nur noch wenige | wenige verfügbar | En stock | disponible | plus que 2 en stock
Dernières pièces | sur commande | Disponible | en existencias | pocas unidades | últimas unidades
quedan 3 unidades | Disponibile | pronta consegna | ultimi pezzi | solo 2 pezzi | disponibilità limitata | Skladem
skladem 5 ks | na skladě | poslední kusy | skladem > 5 ks | Skladom | na sklade | skladom 3 ks | Op voorraad
op voorraad (3) | nog 2 op voorraad | direct leverbaar | Em stock | Disponível | em estoque | pronta entrega
Raktáron | készleten | raktáron 5 db | utolsó darabok | În stoc | disponibil | stoc limitat | ultimele bucăți
I lager | finns i lager | få kvar | 5 i lager | På lager | på lager: 4 | få på lager
""".replace("\n", " | ")

LATER = """
preorder | pre-order | PreOrder | https://schema.org/PreOrder | https://schema.org/PreSale | backorder
on backorder | onbackorder | available on backorder | https://schema.org/BackOrder | Przedsprzedaż | Vorbestellbar
vorbestellung | en précommande | preventa | preordine | předobjednávka | predobjednávka | előrendelhető | precomandă
Förbeställning | forudbestilling | pré-venda
""".replace("\n", " | ")

DELIVERED = """
Lieferzeit 3-5 Tage | 3-5 Werktage | 24h | wysyłka w 24h | 3 dni | wysyłka w ciągu 24 godzin | Ships in 2-3 days
Usually ships in 1 week | délai de livraison 5 jours | plazo de entrega: 3 días | consegna in 24 ore
dodání do 3 dnů | levertijd 2 weken | leveranstid 3-5 dagar | Leveringstid: 2 dage | szállítási idő 3 nap
livrare în 2 zile | 2 business days | 5+ days
""".replace("\n", " | ")

UNAVAILABLE = """
Out of stock | out_of_stock | OUT-OF-STOCK | OutOfStock | http://schema.org/OutOfStock | https://schema.org/SoldOut
https://schema.org/Reserved | sold out | SoldOut | not available | unavailable | Not in stock
Currently not available | no stock | Coming soon | back in stock soon | temporarily unavailable | 0 in stock
In stock: 0 | mark as sold | pending | none in stock | 0 | 0.0 | 0,00 | -1 | -3 | −2 | 0 szt. | 0 pcs | 0 ks
0 Stück | niedostępny | Niedostępna | brak | Brak towaru | brak w magazynie | chwilowy brak | wyprzedane
nie ma na stanie | obecnie niedostępny | wkrótce dostępny | Nicht auf Lager | derzeit nicht verfügbar | ausverkauft
vergriffen | zurzeit nicht lieferbar | Rupture de stock | en rupture de stock | Épuisé | indisponible
non disponible | pas en stock | bientôt disponible | Agotado | Sin stock | sin existencias | No disponible
temporalmente agotado | Non disponibile | esaurito | in arrivo | Není skladem | vyprodáno | nedostupné
momentálně nedostupné | není k dispozici | Nie je skladom | vypredané | Niet op voorraad | uitverkocht
tijdelijk uitverkocht | niet beschikbaar | Esgotado | indisponível | fora de estoque | não disponível
Nincs raktáron | elfogyott | jelenleg nem elérhető | nincs készleten | Stoc epuizat | indisponibil | nu este în stoc
Slut i lager | slutsåld | ej i lager | inte i lager | tillfälligt slut | Udsolgt | ikke på lager
midlertidigt udsolgt | ikke tilgængelig
""".replace("\n", " | ")

GONE = """
discontinued | Discontinued | https://schema.org/Discontinued | no longer available | end of life
wycofany z oferty | koniec produkcji | Nicht mehr lieferbar | nicht mehr verfügbar | n'est plus disponible
descatalogado | fuori produzione | non più disponibile | ukončeno | výroba ukončená | Niet meer leverbaar
descontinuado | kifutott | már nem kapható | scos din producție | utgått | Utgått ur sortimentet | udgået
discontinued, sold out
""".replace("\n", " | ")

YES = "yes | Y | true | T | on | Tak | ja | oui | sí | Sì | ano | áno | sim | igen | da | да | так | ναι | evet | x"
NO = "no | N | false | F | off | Nie | nein | non | ne | não | nem | nu | nej | nee | нет | ні | όχι | hayır | ei"

#: Nothing certain is said: more than one reading, or a word nobody knows.
UNKNOWN = """
perhaps | in stock? | call us | ask for price | auf Anfrage | out of stock, in stock | 3 left, sold out | not
nie wiem | 0+ | < 5 | <5 szt. | 3 5 | 0-5 szt. | szt. | days | Lieferzeit | in stock from 2026-05-01 | 50%
in stock: yes/no | out of stock, ships in 3 days | 0 in stock, preorder | not sold out | not discontinued
preorder, sold out | 5 € | discontinued, in stock | 5 discontinued | not 5 | wieder verfügbar in 3 Wochen | stock
#N/A | only | 12abc | back in 14 days | sold out: 3 | available, not available
""".replace("\n", " | ")


def each(phrases):
    return [phrase.strip() for phrase in phrases.split("|") if phrase.strip()]


@pytest.mark.parametrize("phrase", [*each(AVAILABLE), *each(YES)])
def test_in_stock(phrase):
    assert read_stock(phrase) is Stock.AVAILABLE


@pytest.mark.parametrize("phrase", each(LATER))
def test_can_be_ordered_ahead(phrase):
    assert read_stock(phrase) is Stock.LATER


@pytest.mark.parametrize("phrase", each(DELIVERED))
def test_a_delivery_time_says_that_it_can_be_bought(phrase):
    assert read_stock(phrase) is Stock.DELIVERED


@pytest.mark.parametrize("phrase", [*each(UNAVAILABLE), *each(NO)])
def test_not_in_stock(phrase):
    assert read_stock(phrase) is Stock.UNAVAILABLE


@pytest.mark.parametrize("phrase", each(GONE))
def test_will_not_come_back(phrase):
    assert read_stock(phrase) is Stock.GONE


@pytest.mark.parametrize("phrase", each(UNKNOWN))
def test_what_is_not_certain_is_not_read(phrase):
    assert read_stock(phrase) is None


def test_a_delivery_time_beside_available_says_no_more():
    assert (
        read_stock("lieferbar in 3 Tagen") is Stock.AVAILABLE or read_stock("lieferbar in 3 Tagen") is Stock.DELIVERED
    )
    assert read_stock("Auf Lager, Lieferzeit 1-2 Tage") is Stock.AVAILABLE


@pytest.mark.parametrize("language", [name for name in VOCABULARY["stock"] if name != "units"])
@pytest.mark.parametrize(
    ("kind", "stock"),
    [
        ("available", Stock.AVAILABLE),
        ("later", Stock.LATER),
        ("unavailable", Stock.UNAVAILABLE),
        ("gone", Stock.GONE),
    ],
)
def test_every_phrase_of_the_list_says_what_it_stands_under(language, kind, stock):
    phrases = VOCABULARY["stock"][language].get(kind, ())
    assert {phrase: read_stock(phrase.upper()) for phrase in phrases} == dict.fromkeys(phrases, stock)


def test_no_phrase_stands_under_two_kinds():
    kinds = {}
    for lists in VOCABULARY["stock"].values():
        for kind, phrases in lists.items():
            for phrase in phrases:
                assert kinds.setdefault(phrase, kind) == kind, phrase


def read(texts, **named):
    journal = Journal()
    return read_availability(pa.array(texts, pa.string()), journal, field="available", **named), journal.findings


def test_a_column_becomes_booleans_and_the_report_says_how():
    cells, findings = read(["Auf Lager", "backorder", "24h", "discontinued", None, "vielleicht"])
    assert cells.values.to_pylist() == [True, True, True, False, None, None]
    assert cells.unread.to_pylist() == [None, None, None, None, None, "vielleicht"]
    told = {finding.message: (finding.kind, finding.count, finding.examples) for finding in findings}
    assert told["can be ordered ahead: counted as available"] == ("converted", 1, ("backorder",))
    assert told["a delivery time: counted as available"] == ("converted", 1, ("24h",))
    assert told["discontinued: counted as not available"] == ("converted", 1, ("discontinued",))
    assert told["not a known word: left as text"] == ("kept", 1, ("vielleicht",))


@pytest.mark.parametrize(
    "name", ["stock_status_id", "availability code", "@avail", "stockStatusId", "kod_dostepnosci.kod"]
)
def test_a_column_of_codes_is_never_read_as_a_count(name):
    cells, findings = read(["1", "7", "99", "0"], name=name)
    assert cells.values.to_pylist() == [None] * 4
    assert cells.unread.to_pylist() == ["1", "7", "99", "0"]
    assert [(finding.kind, finding.count) for finding in findings] == [("warned", 4)]


@pytest.mark.parametrize(
    ("name", "texts"),
    [("status", ["1", "0"]), ("stock", ["7", "0"]), (None, ["7", "0"]), ("stock status", ["in stock", "sold out"])],
)
def test_yes_and_no_and_counts_are_no_codes(name, texts):
    assert read(texts, name=name)[0].values.to_pylist() == [True, False]


def apply(rules, **columns):
    journal = Journal()
    arrays = {name: pa.array(texts) for name, texts in columns.items()}
    size = len(next(iter(columns.values())))
    return apply_rules(rules, arrays.__getitem__, list(arrays), journal, size=size), journal.findings


class TestDiscontinued:
    RULE = FieldRule(field="available", columns=("stock",))

    def test_makes_a_product_inactive_and_says_nothing_of_others(self):
        cells, findings = apply([self.RULE], stock=["discontinued", "in stock", None])
        assert cells["active"].values.to_pylist() == [False, None, None]
        assert cells["available"].values.to_pylist() == [False, True, None]
        assert [f.count for f in findings if f.field == "active"] == [1]

    def test_leaves_a_table_without_the_word_alone(self):
        assert "active" not in apply([self.RULE], stock=["sold out", "in stock"])[0]

    def test_a_column_of_its_own_decides(self):
        rules = [self.RULE, FieldRule(field="active", columns=("shown",))]
        cells, _ = apply(rules, stock=["discontinued"] * 3, shown=["yes", "no", None])
        assert cells["active"].values.to_pylist() == [True, False, False]

    def test_a_column_read_as_plain_yes_and_no_says_no_such_thing(self):
        rule = FieldRule(field="available", columns=("stock",), transform="truth")
        assert "active" not in apply([rule], stock=["discontinued"])[0]

    def test_in_a_feed_a_product_is_gone_only_with_all_its_rows(self):
        rows = [("a", "discontinued"), ("a", "in stock"), ("b", "discontinued"), ("b", "discontinued")]
        table = pd.DataFrame(
            {
                "id": [f"{product}{at}" for at, (product, _) in enumerate(rows)],
                "item_group_id": [product for product, _ in rows],
                "title": "T",
                "link": [f"https://shop.example.com/{at}" for at in range(4)],
                "price": "10.00 EUR",
                "availability": [stock for _, stock in rows],
                "condition": "new",
                "brand": "B",
            }
        )
        frame = sm.read_feed(table, preset="google", rows="product")
        assert frame["active"].astype(object).where(frame["active"].notna(), None).tolist() == [None, False]
