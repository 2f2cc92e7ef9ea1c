"""Login and lock, passwords, the own profile, and deputies. Administration of other people's accounts is in `home`."""

from datetime import datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView, PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from personnel_portal.accounts import acting, actions, forms, links
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.accounts.policies import acts_as_self
from personnel_portal.guards import guard, public

login = public(
    LoginView.as_view(
        template_name="accounts/login.html", authentication_form=forms.LoginForm, redirect_authenticated_user=True
    )
)
logout = guard()(LogoutView.as_view())


def locked(request: HttpRequest, original_response: HttpResponse | None, credentials: dict[str, Any]) -> HttpResponse:
    """Answer a login while the account is locked (axes calls this): say when to try again."""
    last = max(filter(None, (found["at"] for found in _failures(request, credentials))), default=timezone.now())
    context = {"failures": settings.AXES_FAILURE_LIMIT, "until": _next_minute(last + settings.AXES_COOLOFF_TIME)}
    return render(request, "accounts/locked.html", context, status=429)


@public
@never_cache
def reset(request: HttpRequest) -> HttpResponse:
    """Ask for a one-time link by mail; the answer is the same for every address."""
    form = forms.ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.request_reset(mail=form.cleaned_data["email"], now=timezone.now())
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        messages.success(request, f"如果這個電子郵件有登錄帳號，重設密碼的連結已寄出，請於 {minutes} 分鐘內使用。")
        return redirect("accounts:login")
    return render(request, "accounts/reset.html", {"form": form})


class _SetPasswordView(PasswordResetConfirmView):
    """Choose a password by a one-time link; the token leaves the address bar before anything is shown."""

    template_name = "accounts/set_password.html"
    form_class = forms.ChooseForm
    token_generator = links.tokens
    success_url = reverse_lazy("accounts:login")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        if user is None or not user.is_active:
            return None
        # The link proves the person, who may have forgotten a password of today: no minimum age here.
        user.must_change_password = True
        return user

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "密碼已設定，請以新密碼登入。")
        return response


set_password = public(_SetPasswordView.as_view())


@sensitive_post_parameters()
@guard()
def password_change(request: HttpRequest) -> HttpResponse:
    """Change the own password; whoever was led here because it is due goes on to the page first asked for."""
    user = _me(request)
    due = user.password_due(timezone.now())
    form = forms.ChangeForm(user, request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "密碼已變更，其他裝置上的登入已失效。")
        # Not `redirect`, which would take a bare word for the name of a view.
        return HttpResponseRedirect(_next(request) or reverse("accounts:profile"))
    context = {
        "form": form,
        "due": due,
        "first": user.must_change_password,
        "next": _next(request),
        "days": settings.PASSWORD_MAX_AGE.days,
    }
    return render(request, "accounts/password_change.html", context)


@guard()
def profile(request: HttpRequest) -> HttpResponse:
    """Show the own account: mail, last login, password, deputies of today."""
    user, today = _me(request), timezone.localdate()
    context = {
        "account": user,
        "expires": user.password_changed_at + settings.PASSWORD_MAX_AGE,
        "deputies": user.deputyships.on(today).select_related("deputy"),
        "standing_in": Deputyship.objects.usable_by(user, today),
    }
    return render(request, "accounts/profile.html", context)


@guard(policy=acts_as_self)
def deputies(request: HttpRequest) -> HttpResponse:
    """List and name the deputies of the person, and those for whom the person may act."""
    user, today = _me(request), timezone.localdate()
    form = forms.DeputyForm(request.POST or None, principal=user)
    if request.method == "POST" and form.is_valid() and (made := form.save()):
        messages.success(request, f"已指定{made.deputy.name}為代理人，並以郵件通知。")
        return redirect("accounts:deputies")
    context = {
        "form": form,
        "mine": user.deputyships.not_over(today).select_related("deputy"),
        "standing_in": user.deputises.not_over(today).select_related("principal"),
        "today": today,
    }
    return render(request, "accounts/deputies.html", context)


@require_POST
@guard(policy=acts_as_self)
def end_deputyship(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the own deputyships early."""
    deputyship = get_object_or_404(_me(request).deputyships.select_related("deputy"), pk=pk)
    try:
        actions.end_deputyship(deputyship=deputyship, by=_me(request))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已終止{deputyship.deputy.name}的代理。")
    return redirect("accounts:deputies")


@require_POST
@guard()
def act_for(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to act for an absent colleague."""
    deputyship = get_object_or_404(_me(request).deputises.select_related("principal"), pk=pk)
    try:
        acting.act_for(request, deputyship, today=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts:profile")
    messages.success(request, f"您現在代理{deputyship.principal.name}，所有操作都會同時記錄您與被代理人。")
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
@guard()
def act_as_self(request: HttpRequest) -> HttpResponse:
    """Stop acting for the absent colleague."""
    acting.act_as_self(request)
    messages.success(request, "已結束代理，您現在以本人的身分使用。")
    return redirect(settings.LOGIN_REDIRECT_URL)


def _me(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]  # every caller stands behind the login
    return user


def _next(request: HttpRequest) -> str:
    """Return where the person wanted to go, if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=here, require_https=request.is_secure())
    return wanted if safe else ""


def _failures(request: HttpRequest, credentials: dict[str, Any] | None) -> list[dict[str, datetime | None]]:
    attempts = AxesProxyHandler.get_implementation().get_user_attempts(request, credentials)
    return [found.aggregate(at=Max("attempt_time")) for found in attempts]


def _next_minute(moment: datetime) -> datetime:
    """Round up: the sentence names no seconds, and at the minute it names the login must work."""
    whole = timezone.localtime(moment).replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
