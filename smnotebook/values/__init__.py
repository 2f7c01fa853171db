"""From foreign columns to product fields: what texts in shop exports mean, whole columns at a time.

Below ``mapping`` and ``feeds`` (presets), which both build product frames from tables of any shape.
"""

from smnotebook.values.cells import Cells
from smnotebook.values.findings import Finding, Journal
from smnotebook.values.questions import Question
from smnotebook.values.rules import FieldRule, apply_rule, build_frame
from smnotebook.values.transforms import TRANSFORMS, Task, Transform, convert

__all__ = [
    "TRANSFORMS",
    "Cells",
    "FieldRule",
    "Finding",
    "Journal",
    "Question",
    "Task",
    "Transform",
    "apply_rule",
    "build_frame",
    "convert",
]
