"""Characters that may stand in a document."""

import re

# Word writes its soft line break as a vertical tab or a form feed, old Macs and Windows end lines with CR.
_LINE_END = re.compile("\r\n|[\r\v\f\u2028\u2029]")
# Everything outside the Char production of XML 1.0, 2.2; lone surrogates reach us from broken JSON and file names.
_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Return text with `\\n` as its only line end and without the characters that XML, ODF and OOXML forbid."""
    if text.isprintable():  # nearly every cell of a list; none of the characters below is
        return text
    return _FORBIDDEN.sub("", _LINE_END.sub("\n", text))
