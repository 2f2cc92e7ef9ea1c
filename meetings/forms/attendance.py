"""Forms of attendance: all agencies on one screen, a sheet, and the code of the room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from districts.forms.sheets import Row as SheetRow
from districts.forms.sheets import read
from meetings.actions.attendance import Mark
from meetings.actions.shown import ChangedMeanwhileError
from meetings.choices import AttendanceState
from meetings.models import Invitation
from personnel_portal.rules.folding import fold

# What people write into the column 出席情形, as `fold` compares it.
WORDS = {
    fold(word): state
    for state, words in {
        AttendanceState.UNKNOWN: (AttendanceState.UNKNOWN.label,),
        AttendanceState.PRESENT: (AttendanceState.PRESENT.label, "親自出席", "到", "是", "V", "O", "○"),
        AttendanceState.BY_DEPUTY: (AttendanceState.BY_DEPUTY.label, "代理", "派員代理", "代"),
        AttendanceState.EXCUSED: (AttendanceState.EXCUSED.label, "公假", "事假", "病假", "假"),
        AttendanceState.ABSENT: (AttendanceState.ABSENT.label, "缺席", "未到", "否"),
    }.items()
    for word in words
}
COLUMNS = {"agency": ("機關", "機關名稱"), "state": ("出席情形", "出席"), "attendee": ("出席人員", "姓名", "代理人")}


@dataclass(frozen=True, slots=True)
class Row:
    """One agency of the quick entry: its radio buttons and its name field."""

    invitation: Invitation
    state: forms.BoundField
    attendee: forms.BoundField

    def state_shown_first(self) -> str:
        """Return the state that the page began with, for its hidden input."""
        return self._shown_first(self.state, self.invitation.attendance)

    def attendee_shown_first(self) -> str:
        """Return the name that the page began with, for its hidden input."""
        return self._shown_first(self.attendee, self.invitation.attendee)

    @staticmethod
    def _shown_first(field: forms.BoundField, now: str) -> str:
        # Written by the template itself: the widgets of 40 rows would take most of the page's time.
        return str(field.form.data.get(field.html_initial_name, now))


class AttendanceForm(forms.Form):
    """Two fields for each invitation. Only rows that the person changed are written, so that an agency that checked
    in while the page stood open is not written over; a row that somebody else changed too is told, and written if it
    is sent once more."""

    def __init__(self, *args: Any, invitations: Sequence[Invitation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._invitations = invitations
        for invitation in invitations:
            self.fields[f"state_{invitation.pk}"] = forms.ChoiceField(
                label=f"{invitation.agency}出席情形",
                choices=AttendanceState.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=invitation.attendance,
                show_hidden_initial=True,
            )
            self.fields[f"attendee_{invitation.pk}"] = forms.CharField(
                label=f"{invitation.agency}出席人員",
                max_length=50,
                required=False,
                initial=invitation.attendee,
                show_hidden_initial=True,
            )

    states = AttendanceState.choices

    def rows(self) -> Iterator[Row]:
        """Yield the agencies in the order of the invitation."""
        for invitation in self._invitations:
            yield Row(invitation, self[f"state_{invitation.pk}"], self[f"attendee_{invitation.pk}"])

    def clean(self) -> dict[str, Any]:
        """A deputy has a name."""
        for invitation in self._invitations:
            mark = self._mark(invitation)
            if mark.attendance == AttendanceState.BY_DEPUTY and not mark.attendee:
                self.add_error(f"attendee_{invitation.pk}", "請填代理人姓名。")
        return self.cleaned_data

    def marks(self, *, fill: bool = False) -> dict[int, Mark]:
        """Return the rows that changed.

        Args:
            fill: take the agencies for which nothing is entered as present.
        """
        changed = set(self.changed_data)
        marks = {i.pk: self._mark(i) for i in self._invitations if {f"state_{i.pk}", f"attendee_{i.pk}"} & changed}
        for invitation in self._invitations if fill else ():
            mark = self._mark(invitation)
            # Somebody may have entered it since the page was shown.
            unknown = invitation.pk in marks or invitation.attendance == AttendanceState.UNKNOWN
            if unknown and mark.attendance == AttendanceState.UNKNOWN:
                marks[invitation.pk] = Mark(AttendanceState.PRESENT, mark.attendee)
        return marks

    @property
    def as_shown(self) -> dict[int, tuple[str, str]]:
        """State and name of each invitation as the page showed them."""
        return {row.invitation.pk: (row.state_shown_first(), row.attendee_shown_first().strip()) for row in self.rows()}

    def add_error(self, field: str | None, error: Any) -> None:
        """Show the page again with what was typed, and take what was told as seen."""
        super().add_error(field, error)
        if isinstance(error, ChangedMeanwhileError):
            seen = {}
            for pk, (state, attendee) in error.now.items():
                seen[self[f"state_{pk}"].html_initial_name] = state
                seen[self[f"attendee_{pk}"].html_initial_name] = attendee
            self.data = {**dict(self.data.items()), **seen}

    def _mark(self, invitation: Invitation) -> Mark:
        state = self.cleaned_data.get(f"state_{invitation.pk}") or ""
        return Mark(AttendanceState(state), self.cleaned_data.get(f"attendee_{invitation.pk}", ""))


class SheetForm(forms.Form):
    """A sheet with 機關, 出席情形 and 出席人員; all of it is taken or none, and each wrong row is named."""

    file = forms.FileField(
        label="出席名單",
        help_text="xlsx、ods 或 csv，欄位為「機關、出席情形、出席人員」；可先下載空白名單填寫。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
    )

    def __init__(self, *args: Any, invitations: Sequence[Invitation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._invitations = {fold(name): i for i in invitations for name in _names(i)}

    def clean_file(self) -> dict[int, Mark]:
        """Return the marks by invitation."""
        marks: dict[int, Mark] = {}
        faults = []
        for line in read(self.cleaned_data["file"], COLUMNS, optional=("attendee",)):
            try:
                invitation, mark = self._read(line)
                if invitation.pk in marks:
                    raise ValueError(f"「{invitation.agency}」重複出現")
                marks[invitation.pk] = mark
            except ValueError as fault:
                faults.append(f"第 {line.number} 列：{fault}。")
        if faults:
            raise ValidationError(faults)
        return marks

    def _read(self, line: SheetRow) -> tuple[Invitation, Mark]:
        agency, state, attendee = (line.cells[name].strip() for name in COLUMNS)
        invitation = self._invitations.get(fold(agency))
        if invitation is None:
            raise ValueError(f"「{agency[:30]}」不在受邀機關中" if agency else "沒有機關名稱")
        known = WORDS.get(fold(state)) if state else AttendanceState.UNKNOWN
        if known is None:
            raise ValueError(f"看不懂出席情形「{state[:20]}」，請填出席、代理出席、請假或未出席")
        if known == AttendanceState.BY_DEPUTY and not attendee:
            raise ValueError(f"「{agency[:30]}」為代理出席，請填代理人姓名")
        if len(attendee) > 50:
            raise ValueError("出席人員超過 50 字")
        return invitation, Mark(known, attendee)


def _names(invitation: Invitation) -> list[str]:
    return [invitation.agency.short_name, invitation.agency.official_name]
