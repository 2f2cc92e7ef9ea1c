"""Addresses of calls, cases, proposals, follow-ups and circulars."""

app_name = "proposals"
urlpatterns: list[object] = []
