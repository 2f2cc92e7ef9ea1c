"""The form of an agenda item."""

from typing import Any

from meetings.forms.shown import AsShownForm
from meetings.models import AgendaItem


class AgendaItemForm(AsShownForm):
    """案由, 說明, 辦法 and, after the meeting, 決議."""

    class Meta:
        model = AgendaItem
        fields = ["section", "subject", "proposer", "explanation", "remedy", "resolution"]
        labels = {"resolution": "決議（報告事項為決定）"}
        help_texts = {
            "proposer": "無則免填。",
            "resolution": "會後填寫，列入會議紀錄；可先留白。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("explanation", "remedy", "resolution"):
            self.fields[name].widget.attrs["rows"] = 4
