"""The sandbox's memory: the only place that knows SQL."""

from smnotebook.sandbox.store.database import Database, Rows

__all__ = ["Database", "Rows"]
