"""Addresses of calls, cases, proposals, follow-ups and circulars."""

from django.urls import URLPattern, path

from proposals.models import Proposal
from proposals.views import calling, calls, circulars, items, proposals, tracking

app_name = "proposals"
urlpatterns: list[URLPattern] = [
    # Calls for items
    path("calls/", calls.index, name="calls"),
    path("calls/<int:pk>/", calls.call, name="call"),
    path("calls/<int:pk>/edit/", calling.edit, name="edit_call"),
    path("calls/<int:pk>/send/", calling.send, name="send_call"),
    path("calls/<int:pk>/more/", calling.ask_more, name="ask_more"),
    path("calls/<int:pk>/missing/", calling.ask_missing, name="ask_missing"),
    path("calls/<int:pk>/closing/", calling.move_closing, name="move_closing"),
    path("calls/<int:pk>/letter.<str:form>", calls.letter, name="call_letter"),
    path("calls/recipients/<int:pk>/extend/", calling.extend, name="extend_call"),
    path("calls/recipients/<int:pk>/none/", calling.answer_none, name="answer_none"),
    path("calls/recipients/<int:pk>/none/take-back/", calling.take_back_none, name="take_back_none"),
    # Cases and their library
    # Proposals
    path("", proposals.index, name="list"),
    path("create/", proposals.create, name="create"),
    path("similar/", proposals.similar_titles, name="similar"),
    path("<int:pk>/", proposals.detail, name="detail"),
    path("<int:pk>/edit/", proposals.edit, name="edit"),
    path("<int:pk>/send/", items.send(Proposal), name="send"),
    path("<int:pk>/withdraw/", items.withdraw(Proposal), name="withdraw"),
    path("<int:pk>/return/", items.return_for_correction(Proposal), name="return"),
    path("<int:pk>/attachments/", items.add_files(Proposal), name="add_attachments"),
    path("attachments/<int:pk>/", items.download, name="attachment"),
    path("attachments/<int:pk>/remove/", items.remove_file, name="remove_attachment"),
    # Compiling and deciding
    # Follow-ups and circulars
    path("follow-ups/", tracking.index, name="follow_ups"),
    path("follow-ups/open/", tracking.open_follow_up, name="open_follow_up"),
    path("follow-ups/<int:pk>/", tracking.follow_up, name="follow_up"),
    path("follow-ups/<int:pk>/report/", tracking.report, name="report_follow_up"),
    path("follow-ups/<int:pk>/release/", tracking.release, name="release_follow_up"),
    path("follow-ups/<int:pk>/keep-open/", tracking.keep_open, name="keep_follow_up"),
    path("districts/<int:pk>/follow-ups.<str:form>", tracking.table, name="follow_up_table"),
    path("circulars/", circulars.index, name="circulars"),
    path("circulars/draft/", circulars.draft, name="draft_circular"),
    path("circulars/<int:pk>/", circulars.circular, name="circular"),
    path("circulars/<int:pk>/edit/", circulars.edit, name="edit_circular"),
    path("circulars/<int:pk>/redraft/", circulars.redraft, name="redraft_circular"),
    path("circulars/<int:pk>/discard/", circulars.discard, name="discard_circular"),
    path("circulars/<int:pk>/publish/", circulars.publish, name="publish_circular"),
    path("circulars/<int:pk>/letter.<str:form>", circulars.letter, name="circular_letter"),
    path("circulars/<int:pk>/remind/", circulars.remind, name="remind_circular"),
    path("circulars/recipients/<int:pk>/acknowledge/", circulars.acknowledge, name="acknowledge"),
    # Forms and sheets
]
