"""Steps that several people take at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def race(*steps: Callable[[], Any], seconds: float = 120) -> list[Any]:
    """Run the steps at the same moment, each on a connection of its own; return what each answered or raised.

    A step that takes longer than so many seconds has answered None.
    """
    barrier = threading.Barrier(len(steps))
    answers: list[Any] = [None] * len(steps)

    def run(place: int, step: Callable[[], Any]) -> None:
        try:
            barrier.wait(30)
            answers[place] = step()
        except Exception as error:  # the test looks at it
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    return answers
