"""Who may do what with accounts and deputies."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from personnel_portal.accounts.models import User
from personnel_portal.guards import ALLOWED, Verdict, refuse


def acts_as_self(user: Any) -> Verdict:
    """A deputy neither names further deputies nor changes what belongs to the absent person alone."""
    if user.acting_for is None:
        return ALLOWED
    return refuse(f"您正代理{user.acting_for.name}，請先結束代理再辦理本人的事項。")


def deputy_candidates(user: User) -> QuerySet[User]:
    """Return who may stand in for the person.

    Postings are known above this app, so the settings name the function that reads them (`DEPUTY_CANDIDATES`).
    """
    candidates: QuerySet[User] = import_string(settings.DEPUTY_CANDIDATES)(user)
    return candidates
