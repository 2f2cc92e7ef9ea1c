"""Addresses of the first page, the search, the health check and the administrators' pages."""

from django.urls import path

from personnel_portal.home.views import administration, front

app_name = "home"
urlpatterns = [
    path("", front.index, name="index"),
    path("search/", front.search, name="search"),
    path("sitemap/", front.site_map, name="sitemap"),
    path("healthz", front.healthz, name="healthz"),
    path("administration/", administration.administration, name="administration"),
    path("administration/trail/", administration.trail, name="trail"),
]
