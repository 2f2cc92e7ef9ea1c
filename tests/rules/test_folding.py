import re

import pytest

from personnel_portal.rules.folding import fold, pattern


@pytest.mark.parametrize(
    ("sought", "kept"),
    [
        ("台北", "臺北市"),
        ("臺北", "台北市"),
        ("ab1", "會館ＡＢ１"),
        ("ＡＢ", "ab館"),
        ("記錄", "會議紀錄"),
        ("大 林", "大林"),
    ],
)
def test_pattern_finds_every_spelling_that_folds_the_same(sought: str, kept: str) -> None:
    assert fold(sought) in fold(kept)
    assert re.search(pattern(sought), kept, re.IGNORECASE)


@pytest.mark.parametrize("sought", ["(", "[台", "a|b", ".*", "\\", "a{2}", "^$"])
def test_pattern_takes_signs_as_they_are(sought: str) -> None:
    assert re.search(pattern(sought), f"x{sought}y", re.IGNORECASE)
    assert not re.search(pattern(sought), "大林鎮公所", re.IGNORECASE)
