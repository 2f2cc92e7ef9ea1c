"""The portal's addresses, with those of the floor and the peer."""

from django.urls import include, path

from tests.bench import floor

urlpatterns = [
    path("bench/floor/<str:label>/<int:rows>/<int:columns>/", floor.table),
    path("bench/admin/", floor.site().urls),
    path("", include("personnel_portal.urls")),
]
