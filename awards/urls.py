"""Addresses of commendations."""

from django.urls import URLPattern, path

from awards.views import lines, mine, overview, people, roster, runs, whatif

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
    # Runs and the roster
    path("runs/", runs.index, name="runs"),
    path("runs/make/<int:pk>/", runs.make, name="make_run"),
    path("runs/<int:pk>/", runs.detail, name="run"),
    path("runs/<int:pk>/inputs/", runs.rests_on, name="run_inputs"),
    path("runs/<int:pk>/approve/", runs.approve, name="approve"),
    path("runs/<int:pk>/drop/", lines.drop_chosen, name="drop_lines"),
    path("runs/<int:pk>/results/", lines.write_results, name="write_results"),
    path("runs/<int:pk>/roster.<str:form>", roster.paper, name="roster_paper"),
    path("lines/<int:pk>/", lines.detail, name="line"),
    path("lines/<int:pk>/adjust/", lines.adjust, name="adjust_line"),
    path("lines/<int:pk>/drop/", lines.drop, name="drop_line"),
    path("lines/<int:pk>/restore/", lines.restore, name="restore_line"),
    path("lines/<int:pk>/remark/", lines.remark, name="remark_line"),
    path("roster/", roster.index, name="roster"),
]
