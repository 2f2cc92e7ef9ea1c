"""Addresses of the first page, the search and the administrators' pages."""

from django.urls import path

from personnel_portal.home.views import accounts, administration, front

app_name = "home"
urlpatterns = [
    path("", front.index, name="index"),
    path("search/", front.search, name="search"),
    path("sitemap/", front.site_map, name="sitemap"),
    path("administration/", administration.administration, name="administration"),
    path("administration/accounts/", accounts.accounts, name="accounts"),
    path("administration/accounts/review/", accounts.review, name="accounts_review"),
    path("administration/accounts/<int:pk>/", accounts.account, name="account"),
    path("administration/accounts/<int:pk>/disable/", accounts.disable, name="account_disable"),
    path("administration/accounts/<int:pk>/enable/", accounts.enable, name="account_enable"),
    path("administration/accounts/<int:pk>/invite/", accounts.invite, name="account_invite"),
    path("administration/accounts/<int:pk>/reset/", accounts.reset, name="account_reset"),
    path("administration/trail/", administration.trail, name="trail"),
]
