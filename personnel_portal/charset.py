"""Requests are read as UTF-8, whatever charset they name."""

import re
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_CHARSET = re.compile(r";\s*charset\*?\s*=[^;]*", re.IGNORECASE)


def as_utf8(application: Application) -> Application:
    """Return the WSGI application with no charset left in what it is asked.

    No browser names another one; Django believes it before any middleware runs, and fails without any page.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = _CHARSET.sub("", environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return answer
