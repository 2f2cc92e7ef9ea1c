"""Addresses of calls, cases, proposals, follow-ups and circulars."""

from django.urls import URLPattern

app_name = "proposals"
urlpatterns: list[URLPattern] = [
    # Calls for items
    # Cases and their library
    # Proposals
    # Compiling and deciding
    # Follow-ups and circulars
    # Forms and sheets
]
