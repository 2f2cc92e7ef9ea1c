"""A worker that dies by SIGKILL at the point its argument names; `python -m tests.outbox.dying_worker after-claim`."""

import os
import signal
import sys
from typing import Any, NoReturn

import django

django.setup()

from personnel_portal.outbox import delivery  # noqa: E402 - Django must be set up first


def die(*args: Any, **kwargs: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def die_after(function: Any) -> Any:
    return lambda *args, **kwargs: die(function(*args, **kwargs))


match sys.argv[1]:
    case "before-claim":
        delivery.claim = die
    case "after-claim":
        delivery.claim = die_after(delivery.claim)
    case "before-sending":
        delivery._mail = die
    case "after-250":
        delivery._sent = die
    case "after-commit":
        delivery._sent = die_after(delivery._sent)
    case point:
        raise SystemExit(f"There is no point {point!r}.")
delivery.deliver()
