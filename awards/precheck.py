"""What speaks against approving the lines of a run: estimates, and matters that were rewarded before."""

from collections.abc import Iterable
from dataclasses import dataclass

from awards.models import Line, Rewarded
from districts.models import Plan


@dataclass(frozen=True, slots=True)
class Claim:
    """A line that rewards again what another line has: it replaces that one (原建議註銷) if it grants more, else it may not."""

    line: Line
    earlier: Line
    replaces: bool

    @property
    def sentence(self) -> str:
        """Why it may not be approved, with the line that has the matter."""
        if self.line.run_id == self.earlier.run_id:
            return f"「{self.line}」與「{self.earlier}」獎勵同一事項，同一事項不重複獎勵，請先剔除其一。"
        return (
            f"{self.line.name}「{self.line}」的獎勵事項已於{self.earlier.run}核予「{self.earlier}」，"
            "同一事項不重複獎勵，請先剔除。"
        )


def claims(plan: Plan, lines: Iterable[Line], *, lock: bool = False) -> list[Claim]:
    """Return which of the lines reward again what an approved line of the plan has, or a line before them; one query.

    Args:
        lock: hold the approved matters, for approving.
    """
    rows = Rewarded.objects.filter(plan=plan).select_related("line__run__plan").order_by("pk")
    held = [(row.matter, row.line) for row in (rows.select_for_update(of=("self",)) if lock else rows)]
    found = []
    for line in lines:
        having = list(dict.fromkeys(other for matter, other in held if any(_same(matter, own) for own in line.matters)))
        told = [Claim(line, earlier, _may_replace(line, having)) for earlier in having]
        found += told
        # What is cancelled holds nothing any more, whatever else it rewarded.
        held = [(matter, other) for matter, other in held if not any(c.replaces and c.earlier == other for c in told)]
        held += [(matter, line) for matter in line.matters]
    return found


def estimates(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that rest on meetings whose minutes are not on record yet."""
    return [line for line in lines if line.is_estimated]


def _may_replace(line: Line, having: list[Line]) -> bool:
    """Tell whether a line takes the place of the only one that has its matters: it was computed as more, and grants more.

    What people granted less or more than was computed, with a reason, no later run undoes by itself.
    """
    if len(having) != 1 or having[0].run_id == line.run_id:
        return False
    (earlier,) = having
    return line.computed_points > earlier.computed_points and line.points > earlier.points


def _same(one: str, other: str) -> bool:
    """Tell whether two matters are one, or the one a part of the other: a proposal, and a person's part in its award."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
