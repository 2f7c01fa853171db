"""Which column of a foreign table holds which product field: suggested, edited, applied, kept."""

from smnotebook.mapping.field_mapping import Mapping
from smnotebook.mapping.suggest import suggest_mapping

__all__ = ["Mapping", "suggest_mapping"]
