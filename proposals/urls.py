"""Addresses of calls, cases, proposals, follow-ups and circulars."""

from django.urls import URLPattern, path

from proposals.views import items

app_name = "proposals"
urlpatterns: list[URLPattern] = [
    # Calls for items
    # Cases and their library
    # Proposals
    path("attachments/<int:pk>/", items.download, name="attachment"),
    path("attachments/<int:pk>/remove/", items.remove_file, name="remove_attachment"),
    # Compiling and deciding
    # Follow-ups and circulars
    # Forms and sheets
]
