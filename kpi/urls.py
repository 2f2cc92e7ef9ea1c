"""Addresses of the registers: targets, usage returns, work plans."""

from django.urls import URLPattern

app_name = "kpi"

urlpatterns: list[URLPattern] = []
