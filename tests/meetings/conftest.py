"""What the tests of meetings share."""

import pytest

from tests import build


@pytest.fixture
def cast(db: None) -> build.Cast:
    """The fixed people, on the plan of 116; a test that needs the database in another way makes its own."""
    return build.cast()
