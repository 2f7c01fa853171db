"""From files to product frames: CSV, Excel, Parquet, JSON, XML, and the exports of shop systems."""

from smnotebook.feeds.limits import Limits
from smnotebook.feeds.presets import Preset, all_presets
from smnotebook.feeds.reading import read_feed
from smnotebook.values.report import ReadingReport, reading_report

__all__ = ["Limits", "Preset", "ReadingReport", "all_presets", "read_feed", "reading_report"]
