"""Whole columns as amounts or counts, by the decision that holds for their column."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.exact import EXACT
from smnotebook.values.amounts.counts import bare_counts
from smnotebook.values.amounts.currencies import THREE_DECIMALS, WITHOUT_CENTS
from smnotebook.values.amounts.deciding import Decision
from smnotebook.values.amounts.evidence import AmountEvidence
from smnotebook.values.amounts.parsing import COMMA, NO_MARK, POINT, Parsed, Shape, parse
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, distinct_texts, each_distinct, mask_of, one_array
from smnotebook.values.findings import FindingKind, Journal
from smnotebook.values.questions import Question

__all__ = ["asked_cells", "read_count", "read_money", "read_typed_amount", "to_cents"]

#: A reading so many times off the middle of the proven cells is doubted where the other one is nearer (rule 17).
FAR_OFF = 100
_MOST_DIGITS, _MOST_DECIMALS = 20, 17
_NO_COUNT = "not a whole number: left as text"


def read_money(
    column: pa.Array | pa.ChunkedArray,
    journal: Journal,
    *,
    field: str,
    name: str | None = None,
    decimal: str = "",
    currency: str = "",
) -> Cells:
    """Amounts as numbers: float64 where that is exact, decimals where the digits need it.

    Parameters
    ----------
    column : Array
        Numbers stay as they are; texts are read by the column's decision.
    journal : Journal
        Takes findings and questions; its ``amounts`` hold the caller's answers and the decisions taken so far.
    field : str
        The product field that is filled.
    name : str or None
        The analyst's name of the column: under it the decision is taken and found again. None decides for these cells
        alone.
    decimal, currency : str
        The decimal mark and the currency, where a rule of a mapping names them; "" where it does not.

    Returns
    -------
    Cells
        What can't be read, or only in two ways, stays text in ``unread``; the journal holds a question for the latter.
    """
    flat = one_array(column)
    if pa.types.is_decimal(flat.type):
        return Cells(values=flat)
    if pa.types.is_integer(flat.type) or pa.types.is_floating(flat.type):
        return Cells(values=flat.cast(pa.float64()))
    parsed = journal.amounts.parsed(flat)
    decision = journal.amounts.decision("amount", name, parsed, decimal=decimal, currency=currency)
    read = _Reading(parsed, decision, field=field, name=name)
    if len(decision.currencies) > 1:
        read.leave_all()
    read.say(journal, kept="not readable as an amount: left as text", converted="amounts read from text")
    return Cells(values=read.amounts(), unread=read.unread)


def read_typed_amount(text: str) -> Decimal | None:
    """One amount as a person writes it into a field, by the same rules as a column's; it decides for itself alone.

    Returns
    -------
    Decimal or None
        None where it is no amount, can be read in two ways, or names a currency.
    """
    cell = pa.array([text], TEXT)
    if AmountEvidence.of(parse(cell)).currencies:
        return None
    value = read_money(cell, Journal(), field="price").values[0].as_py()
    return None if value is None else Decimal(str(value))


def read_count(
    column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None, decimal: str = ""
) -> Cells:
    """Counts as whole numbers, by the same rules and with the same arguments as :func:`read_money`.

    A fraction is no count and stays what it is.
    """
    flat = one_array(column)
    if pa.types.is_integer(flat.type):
        return Cells(values=flat)
    if pa.types.is_floating(flat.type) or pa.types.is_decimal(flat.type):
        return _whole(flat, journal, field, name)
    parsed = journal.amounts.parsed(flat)
    decision = journal.amounts.decision("count", name, parsed, decimal=decimal, currency="")
    read = _Reading(parsed, decision, field=field, name=name)
    read.leave_fractions()
    read.say(journal, kept=_NO_COUNT)
    return Cells(values=read.counts(), unread=read.unread)


def _whole(numbers: pa.Array, journal: Journal, field: str, name: str | None) -> Cells:
    """Numbers that are no texts: whole ones as such, others as the text they are."""
    floats = numbers.cast(pa.float64(), safe=False)
    good = pc.fill_null(_is_whole(floats), False)  # noqa: FBT003 - Arrow's own
    values = pc.if_else(good, floats, pa.scalar(None, pa.float64())).cast(pa.int64())
    unread = pc.if_else(good, pa.scalar(None, TEXT), as_text(numbers))
    count = len(unread) - unread.null_count
    if not count:
        return Cells(values=values)
    examples = distinct_texts(unread)
    journal.add("kept", _NO_COUNT, count=count, field=field, column=name, examples=examples)
    return Cells(values=values, unread=unread)


def _without_exponent(number: str | None) -> str | None:
    """A typed number digit by digit, with as many decimals as a text may have."""
    if number is None:
        return None
    exact = Decimal(number)
    least = Decimal(1).scaleb(-_MOST_DECIMALS)
    return f"{exact if exact.as_tuple().exponent >= -_MOST_DECIMALS else exact.quantize(least, context=EXACT):f}"  # type: ignore[operator]


def _is_whole(floats: pa.Array) -> pa.Array:
    """Whole numbers that a float can count with: beyond 2^53 it is no count any more."""
    return pc.and_(pc.equal(floats, pc.floor(floats)), pc.less(pc.abs(floats), 2.0**53))


def asked_cells(parsed: Parsed, decision: Decision) -> int:
    """How many of these cells the decision leaves as questions."""
    if len(decision.currencies) > 1:
        return int(len(parsed.cells) - parsed.cells.null_count)
    read = _Reading(parsed, decision, field="", name=None)
    return parsed.count(read.is_asked) + len(read.plain_against)


def to_cents(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Amounts rounded half up to the cent."""
    cents: npt.NDArray[np.float64] = np.floor(numbers * 100 + 0.5 + 1e-7) / 100
    return cents


class _Reading:
    """One column on its way from parsed texts to numbers."""

    def __init__(self, parsed: Parsed, decision: Decision, *, field: str, name: str | None) -> None:
        self.parsed, self.decision, self.field, self.name = parsed, decision, field, name
        decimal, asked = _readings(parsed, decision)
        self.contradicts = _contradicting(parsed, decision)
        self.asked = asked & ~self.contradicts
        self.is_money = np.ones(len(parsed.texts), dtype=bool)
        if decision.kind == "count":
            self.is_money = parsed.currency == 0
        elif decision.only:
            codes = np.array([code in {"", decision.only} for code in parsed.currencies])
            self.is_money = codes[parsed.currency]
        good = (parsed.shape > Shape.UNREADABLE) & ~self.asked & ~self.contradicts & self.is_money
        sign = pc.if_else(pa.array(parsed.negative), pa.scalar("-", TEXT), pa.scalar("", TEXT))
        signed = pc.binary_join_element_wise(sign, parsed.written(decimal=decimal), pa.scalar("", TEXT))
        good &= mask_of(pc.match_substring_regex(signed, rf"^-?\d{{1,{_MOST_DIGITS}}}(?:\.\d{{1,{_MOST_DECIMALS}}})?$"))
        self.written = pc.if_else(pa.array(good), signed, pa.scalar(None, TEXT))
        self.plain, self.plain_against = parsed.plain, parsed.cells.slice(0, 0)
        if decision.told == "," and parsed.with_point.any():
            against = pa.array(parsed.with_point)
            self.plain = pc.if_else(against, pa.scalar(None, pa.float64()), self.plain)
            self.plain_against = parsed.cells.filter(against)

    @property
    def is_asked(self) -> Mask:
        """Texts that wait for an answer."""
        of_all = np.full(len(self.parsed.texts), len(self.decision.currencies) > 1)
        asked: Mask = self.asked | self.contradicts | of_all
        return asked

    def leave_all(self) -> None:
        """Leave every cell as it is: nobody knows yet which currency the catalog is in."""
        self.written = pa.nulls(len(self.parsed.texts), TEXT)
        self.plain = pa.nulls(len(self.plain), pa.float64())

    def leave_fractions(self) -> None:
        """Counts without their empty decimals; those with a fraction, or too large to count, as they are."""
        whole = pc.replace_substring_regex(self.written, r"\.0*$", "")
        self.written = pc.if_else(pc.match_substring_regex(whole, r"^-?\d{1,18}$"), whole, pa.scalar(None, TEXT))
        if self.parsed.with_point.any() or self.parsed.typed.any():
            is_whole = _is_whole(self.plain)
            self.plain = pc.if_else(is_whole, self.plain, pa.scalar(None, pa.float64()))

    def amounts(self) -> pa.Array:
        """Floats where at most 15 digits make the shortest text of a float the very amount, decimals otherwise."""
        if not len(self.parsed.rows):
            return self.plain
        digits = pc.utf8_length(pc.replace_substring_regex(self.written, r"^-?0*|\.", ""))
        if (pc.max(digits).as_py() or 0) <= 15:
            return pc.coalesce(self.plain, self.parsed.spread(self.written.cast(pa.float64())))
        if self.parsed.typed.any():
            # what a text may not have either: more digits than a decimal holds
            fits = pc.less(pc.abs(self.plain), 10.0**_MOST_DIGITS)
            self.plain = pc.if_else(fits, self.plain, pa.scalar(None, pa.float64()))
        plain = pc.if_else(self.plain.is_valid(), self.parsed.cells, pa.scalar(None, TEXT))
        if self.parsed.typed.any():
            plain = each_distinct(plain, _without_exponent, TEXT)
        decimals = [
            pc.max(pc.utf8_length(pc.replace_substring_regex(texts, r"^-?\d*\.?", ""))).as_py() or 0
            for texts in (plain, self.written)
        ]
        kind = pa.decimal128(38, max(*decimals, 2))
        return pc.coalesce(plain.cast(kind), self.parsed.spread(self.written.cast(kind)))

    def counts(self) -> pa.Array:
        """The whole numbers."""
        return pc.coalesce(self.plain.cast(pa.int64()), self.parsed.spread(self.written.cast(pa.int64())))

    @property
    def unread(self) -> pa.Array | None:
        """The cells that stay text, None where all are read."""
        read = pc.or_(self.plain.is_valid(), self.parsed.spread(self.written).is_valid())
        left = pc.and_(self.parsed.cells.is_valid(), pc.invert(read))
        if not pc.any(left).as_py():
            return None
        return pc.if_else(left, self.parsed.cells, pa.scalar(None, TEXT))

    def say(self, journal: Journal, *, kept: str, converted: str = "") -> None:
        """Note what was decided and read, what stays and what is asked."""
        parsed, read = self.parsed, mask_of(self.written.is_valid())
        journal.note_decision(self.field, self.decision)
        for question in self._questions():
            journal.ask(question)
        left = ~read & ~self.is_asked
        foreign = left & ~self.is_money if self.decision.kind == "amount" else np.zeros_like(left)
        if foreign.any():
            self._note(journal, "kept", f"in another currency than {self.decision.only}: left as text", foreign)
        fractions = self._fractions()
        if (left & ~foreign).any() or len(fractions):
            self._note(journal, "kept", kept, left & ~foreign, fractions)
        # 60.000000 is no more than a number
        changed = read & (parsed.open | ~mask_of(pc.match_substring_regex(parsed.texts, r"^-?\d+(?:\.\d+)?$")))
        if converted and changed.any():
            codes = sorted({parsed.currencies[place] for place in np.unique(parsed.currency[changed])} - {""})
            self._note(journal, "converted", converted + (f" ({', '.join(codes)})" if codes else ""), changed)

    def _fractions(self) -> pa.Array:
        """Plain numbers that are no count."""
        if self.decision.kind == "amount":
            return self.parsed.cells.slice(0, 0)
        left = pc.and_(self.parsed.plain.is_valid(), self.plain.is_null())
        return self.parsed.cells.filter(left) if not len(self.plain_against) else self.plain_against.slice(0, 0)

    def _note(
        self, journal: Journal, kind: FindingKind, message: str, mask: Mask, others: pa.Array | None = None
    ) -> None:
        texts = self.parsed.texts.filter(pa.array(mask))
        more = self.parsed.texts.slice(0, 0) if others is None else others
        examples = distinct_texts(pa.concat_arrays([texts, more]))
        count = self.parsed.count(mask) + len(more)
        journal.add(kind, message, count=count, field=self.field, column=self.name, examples=examples)

    def _questions(self) -> list[Question]:
        found, decision, parsed = [], self.decision, self.parsed
        if len(decision.currencies) > 1:
            reason = f"the column holds {' and '.join(decision.currencies)}, and a catalog has one currency"
            argument = f"currency={decision.currencies[0]!r}, or the rows of one currency alone"
            everything = np.ones(len(parsed.texts), dtype=bool)
            asked = self._question("currencies", everything, decision.currencies, argument, reason)
            return [replace(asked, count=len(parsed.cells) - parsed.cells.null_count)]
        if self.asked.any():
            readings = self._both_readings(self.asked)
            argument = "decimal='.' or decimal=','"
            reason = decision.reason
            if decision.proven and not (self.asked & (self._mark_reading() == "open")).any():
                reason = f"it would be more than {FAR_OFF} times off what other cells of the column hold"
            found.append(self._question("decimal_mark", self.asked, readings, argument, reason))
        if self.contradicts.any() or len(self.plain_against):
            other = "," if decision.told == "." else "."
            reason = f"these cells prove that {decision.told!r} is not their decimal mark"
            asked = self._question("decimal_contradicted", self.contradicts, (), f"decimal={other!r}", reason)
            plain = tuple(distinct_texts(self.plain_against))
            count = asked.count + len(self.plain_against)
            found.append(replace(asked, count=count, examples=(*asked.examples, *plain)[:3]))
        odd = (parsed.shape == Shape.UNREADABLE) & mask_of(pc.match_substring_regex(parsed.texts, r"\d"))
        if odd.any():
            reason, argument = "no single number can be read from it: correct these cells", ""
            if decision.kind == "count" and self._are_bare_counts(odd):
                reason = "a sign or a unit stands beside the count"
                argument = f"mapping={{{self.field!r}: {{'from': {self.name!r}, 'as': 'at_least'}}}}"
            found.append(self._question("unreadable", odd, (), argument, reason))
        return found

    def _are_bare_counts(self, mask: Mask) -> bool:
        """Whether the transform ``at_least`` reads all of these texts."""
        texts = self.parsed.texts.filter(pa.array(mask))
        return self.name is not None and bool((parse(bare_counts(texts)).shape > Shape.UNREADABLE).all())

    def _question(self, code: str, mask: Mask, readings: tuple[str, ...], argument: str, reason: str) -> Question:
        examples = tuple(distinct_texts(self.parsed.texts.filter(pa.array(mask))))
        return Question(
            code=code,
            field=self.field,
            column=self.name,
            readings=readings,
            examples=examples,
            count=self.parsed.count(mask),
            argument=argument,
            reason=reason,
        )

    def _mark_reading(self) -> npt.NDArray[np.str_]:
        return np.where(self.parsed.decimal_mark == COMMA, self.decision.comma, self.decision.point)

    def _both_readings(self, mask: Mask) -> tuple[str, ...]:
        """What the first of the cells would be with a decimal point, and with a decimal comma."""
        number = self.parsed.number.filter(pa.array(mask))[0].as_py()
        return tuple(number.replace(other, "").replace(mark, ".") for mark, other in ((".", ","), (",", ".")))


def _readings(parsed: Parsed, decision: Decision) -> tuple[Mask, Mask]:
    """For open texts: whether their mark is decimal, and whether that is a question."""
    size = len(parsed.texts)
    if not parsed.open.any():
        return np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    comma = parsed.decimal_mark == COMMA
    reading = np.where(comma, decision.comma, decision.point)
    proven = np.full(size, decision.proven)
    if decision.kind == "amount" and not decision.told:
        codes = np.array([code or decision.currency for code in parsed.currencies])[parsed.currency]
        sign = np.where(comma, ",", ".")
        by_habit = np.isin(codes, list(WITHOUT_CENTS)) & ~np.isin(sign, list(decision.thousandths))
        reading, proven = np.where(by_habit, "groups", reading), proven & ~by_habit
        by_habit = np.isin(codes, list(THREE_DECIMALS)) & ~np.isin(sign, list(decision.grouping))
        reading, proven = np.where(by_habit, "decimal", reading), proven & ~by_habit
    asked = parsed.open & (reading == "open")
    if decision.kind == "count":
        is_round = mask_of(pc.match_substring_regex(parsed.number, r"000$"))
        proven &= is_round
    if decision.median is not None:
        asked |= parsed.open & proven & _far_off(parsed, reading == "decimal", decision.median, decision.extent)
    return (reading == "decimal") & parsed.open, asked


def _far_off(parsed: Parsed, decimal: Mask, median: float, extent: tuple[float, float] | None) -> Mask:
    """Texts whose reading is far off the middle of the proven cells while the other reading is nearer.

    A reading between the smallest and the largest proven cell is not doubted: the column holds such amounts.
    """
    grouped = parsed.written(decimal=np.zeros(len(parsed.texts), dtype=bool)).cast(pa.float64())
    numbers = np.where(parsed.open, grouped.fill_null(1).to_numpy(zero_copy_only=False), 1.0)
    distance, other = (
        np.abs(np.log10(np.where(choice, numbers / 1000, numbers) / median)) for choice in (decimal, ~decimal)
    )
    doubted: Mask = (distance > np.log10(FAR_OFF)) & (other < distance)
    if extent is not None:
        chosen = np.where(decimal, numbers / 1000, numbers)
        doubted &= (chosen < extent[0]) | (chosen > extent[1])
    return doubted


def _contradicting(parsed: Parsed, decision: Decision) -> Mask:
    """Texts that prove another decimal mark than the one that was named."""
    if not decision.told:
        return np.zeros(len(parsed.texts), dtype=bool)
    told = POINT if decision.told == "." else COMMA
    sure = parsed.shape == Shape.SURE
    other_decimal = (parsed.decimal_mark != told) & (parsed.decimal_mark != NO_MARK)
    against: Mask = sure & (other_decimal | (parsed.group_mark == told))
    return against
