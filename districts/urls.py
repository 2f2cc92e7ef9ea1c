"""Addresses of districts, agencies, people, coaching tables, calendars and plans."""

from django.urls import path

from districts.views import browse

app_name = "districts"
urlpatterns = [
    path("", browse.index, name="index"),
    path("<int:pk>/", browse.detail, name="detail"),
    path("<int:pk>/coaching/", browse.detail, name="coaching"),
    path("agencies/", browse.agencies, name="agencies"),
    path("agencies/import/", browse.agencies, name="import_agencies"),
    path("agencies/<int:pk>/", browse.agency, name="agency"),
    path("people/", browse.people, name="people"),
    path("people/import/", browse.people, name="import_people"),
    path("people/<int:pk>/", browse.person, name="person"),
    path("plans/", browse.index, name="plans"),
    path("calendar/", browse.index, name="office_calendar"),
]
