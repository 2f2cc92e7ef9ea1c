"""Beat that does not sleep through a clock that is put back: Celery's own waits until it shows the old time again."""

from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Counts from now where an entry ran "later than now"; otherwise Celery's scheduler, which keeps its last runs."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Ask for what is due, as Celery does; return the seconds until something is due again."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at and entry.last_run_at > now:
                entry.last_run_at = now
                self._heap = None  # the queue of what comes next is made anew
        return super().tick(*args, **kwargs)
