"""Addresses of districts, agencies, people, coaching tables, calendars and plans."""

from django.urls import path

from districts.views import agencies, browse, calendar, coaching, people, plans, sheets

app_name = "districts"
urlpatterns = [
    path("", browse.index, name="index"),
    path("<int:pk>/", browse.detail, name="detail"),
    path("<int:pk>/host/", agencies.change_host, name="change_host"),
    path("<int:pk>/coaching/", coaching.coaching, name="coaching"),
    path("<int:pk>/coaching/file/", coaching.file_coaching, name="file_coaching"),
    path("<int:pk>/coaching/import/", coaching.import_coaching, name="import_coaching"),
    path("<int:pk>/coaching/repeat/", coaching.repeat_coaching, name="repeat_coaching"),
    path("agencies/", browse.agencies, name="agencies"),
    path("agencies/add/", agencies.add_agency, name="add_agency"),
    path("agencies/import/", sheets.import_agencies, name="import_agencies"),
    path("agencies/<int:pk>/", browse.agency, name="agency"),
    path("agencies/<int:pk>/edit/", agencies.edit_agency, name="edit_agency"),
    path("agencies/<int:pk>/people/add/", people.add_person, name="add_person"),
    path("people/", browse.people, name="people"),
    path("people/import/", sheets.import_people, name="import_people"),
    path("people/<int:pk>/", browse.person, name="person"),
    path("people/<int:pk>/edit/", people.edit_person, name="edit_person"),
    path("people/<int:pk>/invite/", people.invite_person, name="invite_person"),
    path("people/<int:pk>/appoint/", people.appoint, name="appoint"),
    path("postings/<int:pk>/edit/", people.edit_posting, name="edit_posting"),
    path("postings/<int:pk>/end/", people.end_posting, name="end_posting"),
    path("postings/<int:pk>/handover/", people.hand_over, name="hand_over"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/import/", sheets.import_sheet, name="import_sheet"),
    path("sheets/<int:pk>/refused/", sheets.refused_rows, name="refused_rows"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/edit/", plans.edit_plan, name="edit_plan"),
    path("plans/<int:pk>/clone/", plans.clone, name="clone_plan"),
    path("plans/<int:pk>/versions/add/", plans.add_version, name="add_version"),
    path("plans/<int:pk>/versions/<int:version>/remove/", plans.remove_version, name="remove_version"),
    path("plans/<int:pk>/deadlines/<int:deadline>/", plans.edit_deadline, name="edit_deadline"),
    path("plans/<int:pk>/readings/<int:reading>/confirm/", plans.confirm_reading, name="confirm_reading"),
    path("calendar/", calendar.office_calendar, name="office_calendar"),
    path("calendar/import/", calendar.import_calendar, name="import_calendar"),
    path("calendar/closures/", calendar.declare_closure, name="declare_closure"),
    path("calendar/closures/<int:pk>/withdraw/", calendar.withdraw_closure, name="withdraw_closure"),
]
