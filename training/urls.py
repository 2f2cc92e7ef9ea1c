"""Addresses of training, learning hours and study leave."""

from django.urls import URLPattern, path

from training.views import catalogue, classes

app_name = "training"

urlpatterns: list[URLPattern] = [
    # Catalogue, needs survey, courses
    path("", catalogue.catalogue, name="catalogue"),
    path("courses/<int:pk>/", catalogue.course, name="course"),
    # Classes
    path("classes/", classes.index, name="classes"),
    path("classes/<int:pk>/", classes.detail, name="training_class"),
    # Registration, waiting list, nominations
    # Attendance, credited hours, certificates, questionnaires
    # Learning hours
    # Study leave
]
