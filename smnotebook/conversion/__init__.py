"""From foreign columns to product fields: what texts in shop exports mean, whole columns at a time.

Below ``frame`` (mappings) and ``feeds`` (presets), which both build product frames from tables of any shape.
"""

from smnotebook.conversion.cells import Cells
from smnotebook.conversion.findings import Finding, Journal
from smnotebook.conversion.rules import FieldRule, apply_rule, build_frame
from smnotebook.conversion.transforms import TRANSFORMS, Task, Transform, convert

__all__ = [
    "TRANSFORMS",
    "Cells",
    "FieldRule",
    "Finding",
    "Journal",
    "Task",
    "Transform",
    "apply_rule",
    "build_frame",
    "convert",
]
