"""Meetings as sheets in the administration. What moves by acts alone (states, files) only goes out."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export import fields

from districts.models import District
from meetings.actions.meetings import plan_meeting
from meetings.choices import MeetingKind
from meetings.models import AgendaItem, Invitation, Meeting, Minutes, MinutesFile, MinutesVersion
from personnel_portal.exchange import Resource


class MeetingResource(Resource):
    """New meetings come in (年度, 分區, 種類 A or B, 開會時間, 地點) and are numbered as if planned on the page.

    A row with a 次別 names a meeting that is known and is left alone: its changes are mailed, from its page.
    """

    year = fields.Field("plan__year", "年度", readonly=True)
    district_name = fields.Field("district__name", "分區", readonly=True)

    class Meta(Resource.Meta):
        model = Meeting
        fields = [
            "year",
            "district_name",
            "kind",
            "number",
            "starts_at",
            "ends_at",
            "place",
            "chair",
            "recorder",
            "contact",
            "observers",
            "call_number",
            "call_date",
            "state",
            "cancel_reason",
        ]
        export_order = fields
        # The action validates and numbers; before it the row is no whole meeting.
        clean_model_instances = False

    def get_instance(self, instance_loader: Any, row: Any) -> Meeting | None:
        """Return the meeting that a row with a number names."""
        number = str(row.get("次別") or "")
        district, kind = _district(row), _kind(row)
        if not (number.isdecimal() and len(number) < 5):
            return None
        return Meeting.objects.filter(district=district, kind=kind, number=number).first()

    def skip_row(self, instance: Meeting, original: Meeting, row: Any, import_validation_errors: Any = None) -> bool:
        return instance.pk is not None

    def save_instance(self, instance: Meeting, is_create: bool, row: Any, **kwargs: Any) -> None:
        if not (instance.starts_at and instance.place):
            raise ValidationError("請填開會時間與地點。")
        names = ("chair", "recorder", "contact", "observers")
        planned = plan_meeting(
            district=_district(row),
            kind=_kind(row),
            starts_at=instance.starts_at,
            place=instance.place,
            by=kwargs.get("user"),
            **{name: getattr(instance, name) for name in names},
        )
        instance.pk, instance.number, instance.district, instance.plan = (
            planned.pk,
            planned.number,
            planned.district,
            planned.plan,
        )


class InvitationResource(Resource):
    class Meta(Resource.Meta):
        model = Invitation


class AgendaItemResource(Resource):
    class Meta(Resource.Meta):
        model = AgendaItem


class MinutesResource(Resource):
    class Meta(Resource.Meta):
        model = Minutes


class MinutesVersionResource(Resource):
    class Meta(Resource.Meta):
        model = MinutesVersion
        exclude = ["findings"]


class MinutesFileResource(Resource):
    sha256 = fields.Field("stored__sha256", "SHA-256")
    name = fields.Field("stored__name", "檔名")

    class Meta(Resource.Meta):
        model = MinutesFile
        exclude = ["words"]


def _district(row: Any) -> District:
    """Return the district of a row.

    Raises:
        ValidationError: no plan of the year has it, or those of several offices do.
    """
    year, name = str(row.get("年度") or ""), str(row.get("分區") or "")
    found = District.objects.filter(plan__year=year, name=name) if year.isdecimal() and len(year) < 4 else None
    districts = list(found.select_related("plan")) if found is not None else []
    if len(districts) != 1:
        raise ValidationError(f"找不到{year[:10]}年度的「{name[:20]}」。")
    return districts[0]


def _kind(row: Any) -> MeetingKind:
    try:
        return MeetingKind(str(row.get("種類") or ""))
    except ValueError:
        raise ValidationError("種類請填 A（專、兼任(辦)）或 B（專任）。") from None
