"""The catalogue of a year's plan: colleges, programmes, courses."""

from django.http.response import HttpResponseBase
from django.shortcuts import render

from districts.policies import is_somebody
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from training.models import Course
from training.views.plans import chosen


@guard(policy=is_somebody)
def catalogue(request: SignedInRequest) -> HttpResponseBase:
    """Show the courses of a year's plan, by college and programme."""
    choice = chosen(request)
    if choice is None:
        return render(request, "training/catalogue.html", {"choice": None})
    courses = Course.objects.visible_to(request.user).of_plan(choice.plan).select_related("college", "programme")
    return render(request, "training/catalogue.html", {"choice": choice, "courses": courses})


@guard(Course)
def course(request: SignedInRequest, course: Course) -> HttpResponseBase:
    """Show a course with its classes."""
    return render(request, "training/course.html", {"course": course})
