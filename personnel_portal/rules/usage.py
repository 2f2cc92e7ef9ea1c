"""The score of a usage return: base × [tools' part × (weighted bands) + services' part × r] (003 七、(二))."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from personnel_portal.rules.bands import ONE, BandTable, Part, Score, score, weighted

HUNDRED = Decimal(100)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Formula:
    """How a year is scored.

    Attributes:
        base: full marks.
        use_part, service_part: shares of the base, together 1.
        tools_weight, subsystems_weight: weights of the two bands within the use of tools, together 1.
        tools, subsystems: the bands by the number of tools, and of sub-systems of WebHR.

    Raises:
        ValueError: parts or weights that do not add up to 1.
    """

    base: Decimal
    use_part: Decimal
    service_part: Decimal
    tools_weight: Decimal
    subsystems_weight: Decimal
    tools: BandTable
    subsystems: BandTable

    def __post_init__(self) -> None:
        if self.use_part + self.service_part != ONE or self.tools_weight + self.subsystems_weight != ONE:
            raise ValueError("parts and weights add up to 1")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the arithmetic; `about` names what the number comes from: rule, tools, subsystems, services or score."""

    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class UsageScore:
    """What a return earns, and how.

    Attributes:
        tools, subsystems: the counts with the shares that their bands give.
        services: what the reviewer grants for integrated services, from 0 to 1.
        exact: the score without rounding.
        pieces: the arithmetic in a line, number by number.
    """

    tools: Score
    subsystems: Score
    services: Decimal
    exact: Decimal
    pieces: tuple[Piece, ...]

    @property
    def shown(self) -> Decimal:
        """The score with two places, rounded half up."""
        return self.exact.quantize(CENT, ROUND_HALF_UP)

    @property
    def line(self) -> str:
        """The arithmetic in words, such as 100 × (0.8 × (0.5×90% + 0.5×80%) + 0.2×50%) = 78.00."""
        return "".join(piece.text for piece in self.pieces)


def usage_score(*, tools: int, subsystems: int, services: Decimal, formula: Formula) -> UsageScore:
    """Return what so many granted tools and sub-systems earn, with this share for integrated services; nothing is
    rounded before the total.

    Raises:
        ValueError: a share outside 0 to 1.
    """
    if not 0 <= services <= ONE:
        raise ValueError("services are a share")
    by_tools, by_subsystems = (
        score(Decimal(tools), formula.tools),
        score(Decimal(subsystems), formula.subsystems),
    )
    use = weighted(
        [Part("tools", by_tools.share), Part("subsystems", by_subsystems.share)],
        [{"tools": formula.tools_weight, "subsystems": formula.subsystems_weight}],
    ).total
    parts = [{"use": formula.use_part, "services": formula.service_part}]
    exact = formula.base * weighted([Part("use", use), Part("services", services)], parts).total
    return UsageScore(
        by_tools, by_subsystems, services, exact, _pieces(formula, by_tools, by_subsystems, services, exact)
    )


def _pieces(formula: Formula, tools: Score, subsystems: Score, services: Decimal, exact: Decimal) -> tuple[Piece, ...]:
    return (
        Piece(plain(formula.base), "rule"),
        Piece(" × ("),
        Piece(plain(formula.use_part), "rule"),
        Piece(" × ("),
        Piece(plain(formula.tools_weight), "rule"),
        Piece("×"),
        Piece(per_cent(tools.share), "tools"),
        Piece(" + "),
        Piece(plain(formula.subsystems_weight), "rule"),
        Piece("×"),
        Piece(per_cent(subsystems.share), "subsystems"),
        Piece(") + "),
        Piece(plain(formula.service_part), "rule"),
        Piece("×"),
        Piece(per_cent(services), "services"),
        Piece(") = "),
        Piece(f"{exact.quantize(CENT, ROUND_HALF_UP)}", "score"),
    )


def plain(number: Decimal) -> str:
    """Return a number without trailing zeros: 0.8, 100."""
    return f"{number.normalize():f}"


def per_cent(share: Decimal) -> str:
    """Return a share as 90% or 12.5%."""
    return f"{plain(share * HUNDRED)}%"
