"""Addresses of login, passwords, profile and deputies."""

from django.urls import path

from personnel_portal.accounts import views

app_name = "accounts"

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("reset/", views.reset, name="reset"),
    path("reset/<uidb64>/<token>/", views.set_password, name="set_password"),
    path("profile/", views.profile, name="profile"),
    path("deputies/", views.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", views.end_deputyship, name="end_deputyship"),
    path("deputies/<int:pk>/act/", views.act_for, name="act_for"),
    path("deputies/self/", views.act_as_self, name="act_as_self"),
]
