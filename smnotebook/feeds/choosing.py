"""Which part of a nested document is a product: by what the parts hold and how they repeat, not by their names.

XML elements and JSON objects are counted alike, by their path from the root. A product repeats beside its like and
holds several plain values; parts of it (variants, pictures, parameters) repeat inside it, and lists of other things
(navigation, categories, facets) hold fewer values and no price.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["Path", "Paths"]

Path = tuple[str, ...]

_PRICE = re.compile(r"(?i)price|cena|ceny|preis|prix|precio|prezzo|preco|preço|prijs|pris|hind|cost|amount|kaina|ár$")
_IDENTITY = re.compile(
    r"(?i)(^|[^a-z])(id|sku|code|gtin|ean|handle|name|title|url|link|nazwa|nazev|titel)([^a-z]|$)|@id$"
)
#: What a list is called that belongs to the object around it; only where the object stands alone does it count.
_PARTS = re.compile(
    r"(?i)^(variants?|variations?|options?|images?|photos?|media|pictures?|attributes?|params?|properties|tags|"
    r"categor(y|ies)|skus|combinations?|sizes?|colou?rs?|prices?|stocks?|reviews?|children|metafields|meta_data)$"
)
#: What a product is called, asked last, where nothing repeats and so nothing else can tell.
_USUAL = re.compile(
    r"(?i)^(item|entry|o|offer|product|produkt|produit|prodotto|producto|shopitem|article|artikel|record|row)$"
)


@dataclass(kw_only=True)
class Paths:
    """How often each path occurs at the beginning of a document, and what it holds.

    Attributes
    ----------
    counts : dict
        Occurrences of each path of elements or objects, in the order of the document.
    values : dict
        For each path the names of its plain values, with how often they occur.
    """

    counts: dict[Path, int] = field(default_factory=dict)
    values: dict[Path, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, path: Path) -> None:
        """Count one more occurrence."""
        self.counts[path] = self.counts.get(path, 0) + 1

    def add_value(self, path: Path, name: str) -> None:
        """Count a plain value of the last occurrence."""
        values = self.values[path]
        values[name] = values.get(name, 0) + 1

    def best(self) -> Path | None:
        """The path of the products, None where nothing is like one."""
        own = {path: self._own(path) for path in self.counts if len(path) > 1}
        for least in (2, 1):
            repeated = [path for path in own if self.counts[path] > 1 and len(own[path]) >= least]
            outer = [path for path in repeated if not any(path[:-n] in repeated for n in range(1, len(path)))]
            if outer:
                found = max(outer, key=lambda path: (_score(own[path]), self.counts[path]))
                return self._alone(found, own) or self._inside(found, repeated, own) or found
        return self._single(own)

    def _own(self, path: Path) -> set[str]:
        """The values of an element itself and of those inside it that occur once in it."""
        names = set(self.values.get(path, ()))
        for child in self.counts:
            if len(child) == len(path) + 1 and child[:-1] == path and self.counts[child] <= self.counts[path]:
                names |= {f"{child[-1]}.{name}" for name in self._own(child)}
        return names

    def _alone(self, found: Path, own: dict[Path, set[str]]) -> Path | None:
        """A product that stands alone and holds ``found`` as a list of its parts, or stands beside a poorer list."""
        for path, names in own.items():
            if self.counts[path] > 1 or len(self.values.get(path, ())) < 2:
                continue
            is_around = found[: len(path)] == path and _PARTS.match(found[len(path)])
            if is_around and any(map(_IDENTITY.search, names)):
                return path
            is_beside = path[: len(found)] != found and found[: len(path)] != path
            if is_beside and any(map(_PRICE.search, names)) and _score(names) > 3 * _score(own[found]):
                return path
        return None

    def _inside(self, found: Path, repeated: list[Path], own: dict[Path, set[str]]) -> Path | None:
        """The products inside a page or a category, which repeats as well and has no price of its own."""
        if any(map(_PRICE.search, own[found])):
            return None
        richer = [
            path
            for path in repeated
            if path[: len(found)] == found
            and _score(own[path]) > 2 * _score(own[found])
            and not any(map(_PARTS.match, path[len(found) :]))
        ]
        return max(richer, key=lambda path: _score(own[path]), default=None)

    def _single(self, own: dict[Path, set[str]]) -> Path | None:
        """Where nothing repeats: what is called like a product, else the outermost with several values."""
        filled = [path for path in own if own[path]]
        usual = [path for path in filled if _USUAL.match(path[-1].rpartition("}")[2])]
        candidates = usual or [path for path in filled if len(self.values.get(path, ())) >= 3]
        return min(candidates, key=lambda path: (len(path), -len(own[path])), default=None)


def _score(names: set[str]) -> float:
    """How much an object is like a product, by the names of its values."""
    has_price = any(map(_PRICE.search, names))
    has_identity = any(map(_IDENTITY.search, names))
    return len(names) * (2 if has_price else 1) * (1.5 if has_identity else 1)
