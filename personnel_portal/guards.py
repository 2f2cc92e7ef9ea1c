"""The door of every view: fetch what the person may see, then ask the policy.

Fetching is the first half of the check: an object outside `Model.objects.visible_to(user)` does not exist for this
person (404). The policy is the second half: it returns a `Verdict`, and a refusal says why (403).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a policy: allowed, or refused with a sentence for the person."""

    reason: str = ""

    def __bool__(self) -> bool:
        return not self.reason

    def __and__(self, other: "Verdict") -> "Verdict":
        return other if self else self

    def __or__(self, other: "Verdict") -> "Verdict":
        return self if self else other


ALLOWED = Verdict()


def refuse(reason: str) -> Verdict:
    """Return a refusal with its sentence."""
    return Verdict(reason)


def require(verdict: Verdict) -> None:
    """Raise what becomes a 403 page with the reason.

    Raises:
        PermissionDenied: the verdict is a refusal.
    """
    if not verdict:
        raise PermissionDenied(verdict.reason)


def guard(
    model: type[models.Model] | None = None,
    policy: Callable[..., Verdict] | None = None,
    *,
    key: str = "pk",
) -> Callable[[View], View]:
    """Guard a view by what its user may see and by a policy.

    With a model, the view's `key` argument of the URL is replaced by the object, fetched from
    `model.objects.visible_to(user)`; a policy is then asked as `policy(user, object)`, without a model as
    `policy(user)`. A model without a policy means that seeing it is enough.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            subjects: list[Any] = []
            if model is not None:
                visible = model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]  # every queryset of ours has it
                subjects.append(get_object_or_404(visible, **{key: kwargs.pop(key)}))
            if policy is not None:
                require(policy(request.user, *subjects))
            return view(request, *subjects, *args, **kwargs)

        guarded.is_guarded = True  # type: ignore[attr-defined]  # read by the test that walks the URL table
        return guarded

    return decorate


def public(view: View) -> View:
    """Mark a view that needs no login, such as the login page or a feed that carries its own token."""
    view.is_guarded = True  # type: ignore[attr-defined]  # read by the test that walks the URL table
    return login_not_required(view)
