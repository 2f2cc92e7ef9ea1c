"""Forms of login, passwords and deputies."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm, UsernameField
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from personnel_portal.accounts import actions, policies
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.roc.forms import RocDateField


class LoginForm(AuthenticationForm):
    """One sentence for every failure: it does not tell whether the account exists, is closed, or the password is wrong."""

    username = UsernameField(
        label="帳號",
        max_length=150,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密碼", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {"invalid_login": "帳號或密碼不正確，請再試一次。", "inactive": "帳號或密碼不正確，請再試一次。"}


class ChangeForm(PasswordChangeForm):
    """A new password by someone who knows the old one; who guesses it is counted and locked out as at the login."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "目前的密碼不正確，請再輸入一次。",
        "password_mismatch": "兩次輸入的新密碼不同。",
    }

    def __init__(self, user: User, data: Any = None, *, request: HttpRequest) -> None:
        super().__init__(user, data)
        self.request = request
        self.fields["old_password"].label = "目前的密碼"
        self.fields["new_password2"].label = "再輸入一次新密碼"
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        typed: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=typed) is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return typed

    def save(self, commit: bool = True) -> User:
        return actions.set_password(user=self.user, password=self.cleaned_data["new_password1"], by=self.user)


class ChooseForm(SetPasswordForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A password by someone who holds a one-time link."""

    error_messages = {"password_mismatch": "兩次輸入的新密碼不同。"}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["new_password2"].label = "再輸入一次新密碼"
        self.fields["new_password2"].help_text = ""

    def save(self, commit: bool = True) -> User:
        return actions.set_password(user=self.user, password=self.cleaned_data["new_password1"], by=self.user)


class ResetForm(forms.Form):
    """Where to send a one-time link."""

    email = forms.EmailField(
        label="公務電子郵件",
        max_length=254,
        help_text="請輸入帳號登錄的電子郵件。",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


class DeputyForm(forms.Form):
    """Who stands in for me, and when. `save` appoints; what the action refuses stands at its field."""

    deputy = forms.ModelChoiceField(
        label="代理人",
        queryset=User.objects.none(),
        empty_label="請選擇",
        help_text="僅列出同機關有帳號的人員。",
        error_messages={"invalid_choice": "請從名單中選擇代理人。"},
    )
    since = RocDateField(label="起日")
    until = RocDateField(label="迄日", help_text="起日與迄日當天都可以代理。")
    reason = forms.CharField(label="事由", max_length=100, required=False, help_text="例如：休假、公差。")

    def __init__(self, *args: Any, principal: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.principal = principal
        self.fields["deputy"].queryset = policies.deputy_candidates(principal)  # type: ignore[attr-defined]  # fields are typed by their base class

    def save(self) -> Deputyship | None:
        """Appoint the deputy; None when the action refuses, which the form then says."""
        try:
            return actions.appoint_deputy(principal=self.principal, by=self.principal, **self.cleaned_data)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return None
