"""Addresses of commendations."""

from django.urls import URLPattern, path

from awards.views import mine, overview, people, whatif

app_name = "awards"
urlpatterns: list[URLPattern] = [
    # What the facts earn, and who took part
    path("", overview.overview, name="overview"),
    path("mine/", mine.mine, name="mine"),
    path("districts/<int:pk>/people/", people.people, name="people"),
    path("districts/<int:pk>/people/name/", people.name_person, name="name_person"),
    path("districts/<int:pk>/people/check/", people.check_people, name="check_people"),
    path("districts/<int:pk>/what-if/", whatif.what_if, name="what_if"),
    path("host-people/<int:pk>/remove/", people.remove_person, name="remove_person"),
    path("proposals/<int:pk>/proposers/", people.proposers, name="proposers"),
]
