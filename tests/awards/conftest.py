"""What the tests of awards share."""

from collections.abc import Iterator

import pytest
import time_machine

from tests import build


@pytest.fixture
def cast(db: None) -> build.Cast:
    """The fixed people, on the plan of 116."""
    return build.cast()


@pytest.fixture
def today() -> Iterator[None]:
    """It is `build.TODAY`, a day of the plan of 116."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield
