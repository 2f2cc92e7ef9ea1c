"""The portal's addresses with those of the account administration."""

from django.urls import include, path

from personnel_portal.home import accounts
from personnel_portal.home.urls import urlpatterns as home
from personnel_portal.urls import urlpatterns as portal

administration = [
    path("administration/accounts/", accounts.accounts, name="accounts"),
    path("administration/accounts/review/", accounts.review, name="accounts_review"),
    path("administration/accounts/<int:pk>/", accounts.account, name="account"),
    path("administration/accounts/<int:pk>/disable/", accounts.disable, name="account_disable"),
    path("administration/accounts/<int:pk>/enable/", accounts.enable, name="account_enable"),
    path("administration/accounts/<int:pk>/invite/", accounts.invite, name="account_invite"),
    path("administration/accounts/<int:pk>/reset/", accounts.reset, name="account_reset"),
]
urlpatterns = [path("", include(([*administration, *home], "home"))), *portal]
