"""Addresses of meetings and their minutes."""

from django.urls import path

from meetings.views import agenda, attendance, meetings, minutes, papers, planning

app_name = "meetings"
urlpatterns = [
    path("", meetings.index, name="list"),
    path("create/", planning.create, name="create"),
    path("<int:pk>/", meetings.detail, name="detail"),
    path("<int:pk>/edit/", planning.edit, name="edit"),
    path("<int:pk>/call/", planning.call, name="call"),
    path("<int:pk>/invite-more/", planning.invite_more, name="invite_more"),
    path("<int:pk>/cancel/", planning.cancel, name="cancel"),
    path("<int:pk>/hold/", planning.hold, name="hold"),
    path("<int:pk>/attendance/", attendance.attendance, name="attendance"),
    path("<int:pk>/attendance/import/", attendance.import_attendance, name="import_attendance"),
    path("<int:pk>/attendance/sheet.<str:form>", attendance.attendance_sheet, name="attendance_sheet"),
    path("<int:pk>/check-in/open/", attendance.open_check_in, name="open_check_in"),
    path("<int:pk>/check-in/<int:invitation>/", attendance.check_in, name="check_in"),
    path("<int:pk>/agenda/add/", agenda.add_item, name="add_item"),
    path("<int:pk>/agenda/<int:item>/", agenda.edit_item, name="edit_item"),
    path("<int:pk>/agenda/<int:item>/remove/", agenda.remove_item, name="remove_item"),
    path("<int:pk>/agenda/order/<str:section>/", agenda.order_items, name="order_items"),
    path("<int:pk>/notice.<str:form>", papers.notice, name="notice"),
    path("<int:pk>/sign-in.<str:form>", papers.sign_in, name="sign_in"),
    path("<int:pk>/draft.<str:form>", papers.draft, name="draft"),
    path("<int:pk>/minutes/", minutes.edit, name="minutes"),
    path("<int:pk>/minutes/accept/", minutes.accept, name="accept"),
    path("<int:pk>/minutes/return/", minutes.return_for_correction, name="return"),
    path("<int:pk>/minutes/reopen/", minutes.reopen, name="reopen"),
    path("<int:pk>/minutes/compare/", minutes.compare, name="compare"),
    path("files/<int:pk>/", minutes.download, name="file"),
    path("files/<int:pk>/remove/", minutes.remove_file, name="remove_file"),
    path("files/<int:pk>/role/", minutes.change_role, name="change_role"),
]
