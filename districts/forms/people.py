"""Forms about people and their posts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from districts.actions.people import Details, Post
from districts.choices import Access, Function, Status
from districts.models import Agency, Person, Posting
from districts.policies import can_move_mail, grantable
from personnel_portal.accounts.models import User
from personnel_portal.roc.forms import RocDateField


class DetailsForm(forms.Form):
    """What is kept of a person: no ID number, no birthday, no private address."""

    name = forms.CharField(label="姓名", max_length=50)
    status = forms.ChoiceField(label="身分別", choices=Status.choices, initial=Status.CIVIL_SERVANT)
    mail = forms.EmailField(label="公務信箱", max_length=254, required=False, help_text="通知與邀請信寄到這裡。")
    phone = forms.CharField(label="公務電話", max_length=30, required=False)

    def details(self) -> Details:
        data = self.cleaned_data
        return Details(name=data["name"], status=Status(data["status"]), mail=data["mail"], phone=data["phone"])


class EditDetailsForm(DetailsForm):
    """A person's details; the mail stands fast for whom it is not theirs to change."""

    def __init__(self, *args: Any, person: Person, by: User, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "name": person.name,
            "status": person.status,
            "mail": person.mail,
            "phone": person.phone,
        }
        super().__init__(*args, **kwargs)
        if not (verdict := can_move_mail(by, person)):
            self.fields["mail"].disabled = True
            self.fields["mail"].help_text = verdict.reason


class PostForm(forms.Form):
    """A post at an agency; the access on offer is what the person at the keyboard may give."""

    title = forms.CharField(label="職稱", max_length=30)
    unit = forms.CharField(label="單位", max_length=30, required=False)
    rank = forms.CharField(label="官職等", max_length=30, required=False)
    function = forms.ChoiceField(label="職務性質", choices=Function.choices, initial=Function.PERSONNEL)
    access = forms.ChoiceField(label="使用權限", initial=Access.WORK, help_text="承辦可代表機關辦理；唯讀僅能檢視。")

    def __init__(self, *args: Any, agency: Agency, by: User, posting: Posting | None = None, **kwargs: Any) -> None:
        if posting is not None:
            fields = ("title", "unit", "rank", "function", "access")
            kwargs["initial"] = {field: getattr(posting, field) for field in fields}
        super().__init__(*args, **kwargs)
        offered = grantable(by, agency)
        self.fields["access"].choices = [(access.value, access.label) for access in offered]  # type: ignore[attr-defined]  # fields are typed by their base class

    def post(self) -> Post:
        data = self.cleaned_data
        return Post(
            title=data["title"],
            unit=data["unit"],
            rank=data["rank"],
            function=Function(data["function"]),
            access=Access(data["access"]),
        )


_USERNAME_HELP = "填寫後即建立帳號並寄送邀請信到公務信箱；留白表示暫不建立。"


class NewPersonForm(PostForm, DetailsForm):
    """Somebody new at an agency, with a login if wished."""

    since = RocDateField(label="到任日", initial=timezone.localdate)
    username = forms.CharField(label="帳號", max_length=150, required=False, help_text=_USERNAME_HELP)

    field_order = [
        "name",
        "title",
        "unit",
        "rank",
        "status",
        "function",
        "access",
        "since",
        "mail",
        "phone",
        "username",
    ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("username") and not cleaned.get("mail") and "mail" not in self.errors:
            self.add_error("mail", "要建立帳號，請填公務信箱。")
        return cleaned


class AppointForm(PostForm):
    """Another post for somebody who is entered already."""

    since = RocDateField(label="到任日", initial=timezone.localdate)
    field_order = ["title", "unit", "rank", "function", "access", "since"]


class EndForm(forms.Form):
    """The last day of a post."""

    until = RocDateField(label="卸任日", initial=timezone.localdate, help_text="當天仍可使用，次日起停止。")


class InviteForm(forms.Form):
    """The user name of a new login."""

    username = forms.CharField(label="帳號", max_length=150, help_text="英文字母、數字與 @ . + - _，建立後不再變更。")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].initial = person.mail.partition("@")[0]


class HandOverForm(PostForm, DetailsForm):
    """The last day of the outgoing person, and who comes: named where already entered, or entered here."""

    last_day = RocDateField(label="卸任日", help_text="接任人員自次日起任。")
    incoming = forms.CharField(
        label="接任人員",
        max_length=254,
        required=False,
        help_text="已在人員名冊者填姓名，同名者填公務信箱；新進人員留白，於下方填寫。",
        widget=forms.TextInput(attrs={"list": "colleagues", "autocomplete": "off"}),
    )
    name = forms.CharField(label="新進人員姓名", max_length=50, required=False)
    username = forms.CharField(label="帳號", max_length=150, required=False, help_text=_USERNAME_HELP)

    field_order = [
        "last_day",
        "incoming",
        "name",
        "status",
        "mail",
        "phone",
        "username",
        "title",
        "unit",
        "rank",
        "function",
        "access",
    ]

    def __init__(self, *args: Any, posting: Posting, by: User, **kwargs: Any) -> None:
        super().__init__(*args, agency=posting.agency, by=by, posting=posting, **kwargs)
        self._known = Person.objects.visible_to(by).exclude(pk=posting.person_id)
        # Of an office's thousands those are offered who work at the agency; anybody else is named.
        self.colleagues = self._known.filter(postings__agency=posting.agency_id).distinct().order_by("name", "pk")

    def clean_incoming(self) -> Person | None:
        """Return the person of this name or mail whom the person at the keyboard sees; nobody for an empty field."""
        written = self.cleaned_data["incoming"].strip()
        if not written:
            return None
        found = list(self._known.filter(Q(name=written) | Q(mail__iexact=written)).order_by("pk")[:2])
        if not found:
            raise ValidationError(f"人員名冊中沒有「{written}」，請確認姓名，或於下方填寫新進人員。")
        if len(found) > 1:
            raise ValidationError(f"有多位「{written}」，請改填公務信箱。")
        return found[0]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        incoming = cleaned.get("incoming")
        if incoming and cleaned.get("name"):
            self.add_error("name", "已選擇接任人員，請勿再填新進人員姓名。")
        if not incoming and not cleaned.get("name") and not self.errors.keys() & {"name", "incoming"}:
            self.add_error("incoming", "請選擇接任人員，或填寫新進人員姓名。")
        if cleaned.get("username") and not incoming and not cleaned.get("mail") and "mail" not in self.errors:
            self.add_error("mail", "要建立帳號，請填公務信箱。")
        return cleaned

    def to(self) -> Person | Details:
        incoming: Person | None = self.cleaned_data["incoming"]
        return incoming or self.details()


def add_refusal(form: forms.Form | forms.ModelForm[Any], refusal: ValidationError) -> None:
    """Put what an action refused beside its fields; what belongs to no field of the form stands on top."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for field, errors in refusal.error_dict.items():
        name = {"email": "mail"}.get(field, field)
        for error in errors:
            form.add_error(name if name in form.fields else None, error)
