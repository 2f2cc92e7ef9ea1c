"""Addresses of the first page and the frame."""

from django.urls import path

from personnel_portal.home import views

app_name = "home"
urlpatterns = [
    path("", views.index, name="index"),
    path("healthz", views.healthz, name="healthz"),
]
