"""The request of a view behind the login, for the type checker: the guard let only signed-in people through."""

from django.http import HttpRequest

from personnel_portal.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request whose user is a person with an account."""

    user: User
