"""How a text becomes an amount or a count: decided once for a column, on evidence from the whole source.

A column is parsed (:mod:`.parsing`), counted (:mod:`.evidence`, mergeable over chunks), decided (:mod:`.deciding`,
pure) and converted (:mod:`.reading`). :class:`~.context.AmountContext` carries the caller's answers and the decisions
from one column to the next; each :class:`~smnotebook.values.findings.Journal` holds one, so that whoever reads a column
needs to pass nothing else.
"""
