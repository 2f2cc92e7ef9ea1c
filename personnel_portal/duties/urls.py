"""Addresses of the board, the calendar and the outbox."""

from django.urls import path

from personnel_portal.duties.views import board, calendar, outbox

app_name = "duties"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/<int:pk>/<str:kind>/", board.cell, name="cell"),
    path("reliefs/", board.reliefs, name="reliefs"),
    path("reliefs/<int:pk>/withdraw/", board.withdraw, name="withdraw"),
    path("calendar/", calendar.month, name="calendar"),
    path("feed/", calendar.feed_page, name="feed_page"),
    path("feed/open/", calendar.open_feed, name="open_feed"),
    path("feed/revoke/", calendar.revoke_feed, name="revoke_feed"),
    path("feed/<slug:token>.ics", calendar.feed, name="feed"),
    path("outbox/", outbox.index, name="outbox"),
    path("outbox/<int:pk>/", outbox.message, name="message"),
    path("outbox/<int:pk>/resend/", outbox.resend, name="resend"),
    path("outbox/<int:pk>/cancel/", outbox.cancel, name="cancel"),
    path("<int:plan>/<str:key>/", board.detail, name="detail"),
    path("<int:plan>/<str:key>/remind/", board.remind_now, name="remind_now"),
    path("<int:plan>/<str:key>/relieve/", board.relieve, name="relieve"),
]
