"""Classes (班別): the list, one of them, how it is edited, opened, closed and cancelled."""

from django.http.response import HttpResponseBase
from django.shortcuts import render

from districts.policies import is_somebody
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from training.models import TrainingClass

COLUMNS = [
    lists.Column(
        "name", "班別", str, sort=("course__name", "number"), link=lambda one: one.get_absolute_url(), width=44
    ),
    lists.Column("organiser", "主辦機關", "organiser.short_name"),
    lists.Column("state", "狀態", "get_state_display"),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the classes that the person may see."""
    classes = TrainingClass.objects.visible_to(request.user).select_related("course", "organiser")
    return lists.show(request, queryset=classes, columns=COLUMNS, title="班別與報名", empty="尚無班別。")


@guard(TrainingClass)
def detail(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Show a class."""
    context = {"training_class": training_class, "sessions": training_class.sessions.all()}
    return render(request, "training/class.html", context)
