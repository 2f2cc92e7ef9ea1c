"""Addresses of the first page and the frame."""

from django.urls import path

from personnel_portal.home import views

app_name = "home"
urlpatterns = [
    path("", views.index, name="index"),
    path("search/", views.search, name="search"),
    path("sitemap/", views.site_map, name="sitemap"),
    path("healthz", views.healthz, name="healthz"),
]
