"""Where the real feeds are, and the small ones of our own making."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "feeds"


@pytest.fixture
def data():
    """The folder of small exports made for these tests."""
    return HERE / "data"


@pytest.fixture
def shared():
    """The folder of real exports, which is no part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the real feeds (../shared/feeds) are not here")
    return SHARED
