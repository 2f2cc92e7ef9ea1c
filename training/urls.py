"""Addresses of training, learning hours and study leave."""

from django.urls import URLPattern

app_name = "training"

urlpatterns: list[URLPattern] = [
    # Catalogue, needs survey, courses
    # Classes
    # Registration, waiting list, nominations
    # Attendance, credited hours, certificates, questionnaires
    # Learning hours
    # Study leave
]
