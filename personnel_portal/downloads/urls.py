"""Addresses of files that workers write."""

from django.urls import path

from personnel_portal.downloads import views

app_name = "downloads"
urlpatterns = [
    path("", views.index, name="index"),
    path("ask/<str:of>/", views.ask, name="ask"),
    path("<int:pk>/file", views.file, name="file"),
]
