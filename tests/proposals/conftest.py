"""What the tests of proposals share."""

import pytest

from tests import build


@pytest.fixture
def cast(db: None) -> build.Cast:
    """The fixed people, on the plan of 116."""
    return build.cast()
