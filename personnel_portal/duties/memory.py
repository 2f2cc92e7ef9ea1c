"""What pages remember of the duties of plans, until the audit trail tells of something new.

Every act that changes what an office's duties rest on writes its entry in the same transaction, so the last rows of that
office's trail say whether anything happened; what other counties do disturbs nothing. What no entry of the office tells of (a
change by hand in the database, the calendar that another office imported) shows after a minute. Each process has its own
memory, which is asked with the mark of the database: another process never shows something older.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from django.conf import settings

from personnel_portal.rules.duty import Duty

PLANS = 32  # the most that a process remembers


@dataclass(frozen=True, slots=True)
class _Kept:
    mark: Hashable
    until: float
    duties: Sequence[Duty]


_kept: OrderedDict[int, _Kept] = OrderedDict()


def recall(plan: int, mark: Hashable, compute: Callable[[], Sequence[Duty]]) -> Sequence[Duty]:
    """Return the duties of a plan as remembered under the mark, computed where they are not.

    The mark must have been read before `compute` reads: what happens between is then only told too new, never too old.
    """
    now = time.monotonic()
    known = _kept.get(plan)
    if known is None or known.mark != mark or known.until < now:
        known = _kept[plan] = _Kept(mark, now + settings.DUTIES_REMEMBERED_SECONDS, compute())
    _kept.move_to_end(plan)
    while len(_kept) > PLANS:
        _kept.popitem(last=False)
    return known.duties
