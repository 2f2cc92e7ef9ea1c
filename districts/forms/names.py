"""Finding agencies by what people write: listed, official, former and other names, 台 and 臺 alike."""

from collections import defaultdict
from collections.abc import Mapping

from django.core.exceptions import ValidationError

from districts.models import Agency, Office
from personnel_portal.rules.folding import fold


class AgencyNames:
    """All names of an office's agencies, asked once."""

    def __init__(self, office: Office | int) -> None:
        self._by_name: dict[str, list[Agency]] = defaultdict(list)
        for agency in Agency.objects.filter(office=office):
            for name in set(filter(None, agency.folded.split("|"))):
                self._by_name[name].append(agency)

    def __contains__(self, name: str) -> bool:
        return fold(name) in self._by_name

    def find(self, name: str) -> Agency:
        """Return the agency of this name.

        Raises:
            ValidationError: there is none, or more than one; one sentence.
        """
        found = self._by_name.get(fold(name), [])
        if not found:
            raise ValidationError(f"找不到機關「{name}」，請填簡稱或全銜。")
        if len(found) > 1:
            names = "、".join(agency.official_name for agency in found)
            raise ValidationError(f"「{name}」可能是{names}，請填全銜。")
        return found[0]


def found_or_problem(names: AgencyNames, cells: Mapping[str, str], field: str, problems: list[str]) -> Agency | None:
    """Return the agency that a cell names, or add the reason to the problems."""
    try:
        return names.find(cells[field])
    except ValidationError as refusal:
        problems.append(refusal.messages[0])
        return None
