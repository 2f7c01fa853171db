"""Which column of a foreign table holds which product field: suggested, asked, edited, applied, kept."""

from smnotebook.mapping.field_mapping import Mapping, labels_of
from smnotebook.mapping.remembered import forget_mapping, remember_edited, remembered_mappings
from smnotebook.mapping.suggest import suggest_mapping

__all__ = ["Mapping", "forget_mapping", "labels_of", "remember_edited", "remembered_mappings", "suggest_mapping"]
