"""Where everything lives."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("personnel_portal.home.urls")),
    path("accounts/", include("personnel_portal.accounts.urls")),
    path("downloads/", include("personnel_portal.downloads.urls")),
    path("districts/", include("districts.urls")),
    path("duties/", include("personnel_portal.duties.urls")),
    path("meetings/", include("meetings.urls")),
    path("proposals/", include("proposals.urls")),
    path("awards/", include("awards.urls")),
    path("training/", include("training.urls")),
    path("kpi/", include("kpi.urls")),
    path("admin/", admin.site.urls),
]
