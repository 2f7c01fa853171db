"""The words of ``words.toml``, and the form in which they are compared."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["GENDER", "STATES", "TRUTH", "VOCABULARY", "plain_word"]

_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)


def plain_word(text: str, *, dashes: bool = True) -> str:
    """A word without case, accents, and the address in front of a schema.org term; letters of any script stay.

    Parameters
    ----------
    dashes : bool
        Whether dashes and underscores count as blanks.
    """
    tail = text.strip().rsplit("/", 1)[-1] if "schema.org" in text else text
    parted = unicodedata.normalize("NFKD", tail.translate(_LETTERS))
    letters = "".join(letter for letter in parted if not unicodedata.combining(letter))
    # a dash before a number is its sign
    plain = re.sub(r"(?<=\w)[_\-]+|[_\-]+(?!\d)", " ", letters) if dashes else letters
    return " ".join(plain.lower().split()) or text.strip()


#: The lists of the file, as they stand there.
VOCABULARY: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _meaning(words: Iterable[str], value: Any) -> dict[str, Any]:
    return {plain_word(word): value for word in words}


#: Yes and no.
TRUTH: dict[str, bool] = {
    **_meaning(VOCABULARY["truth"]["yes"], True),  # noqa: FBT003 - what the word means
    **_meaning(VOCABULARY["truth"]["no"], False),  # noqa: FBT003
}
#: What shops call the state of a product's page.
STATES: dict[str, bool] = {
    **TRUTH,
    **_meaning(VOCABULARY["state"]["shown"], True),  # noqa: FBT003
    **_meaning(VOCABULARY["state"]["hidden"], False),  # noqa: FBT003
}
#: Whom a product is for, as the API's numbers.
GENDER: dict[str, int] = {
    **_meaning(VOCABULARY["gender"]["female"], 0),
    **_meaning(VOCABULARY["gender"]["male"], 1),
    **_meaning(VOCABULARY["gender"]["other"], 2),
    **_meaning(VOCABULARY["gender"]["unisex"], 4),
    **_meaning(VOCABULARY["gender"]["undefined"], -1),
}
