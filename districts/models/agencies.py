"""Personnel offices, their townships, and the agencies whose personnel staff they guide."""

from typing import TYPE_CHECKING, Any

from django.db import models

from districts.choices import AgencyKind, NameKind, Staffing
from districts.querysets import AgencyQuerySet, OfficeQuerySet
from personnel_portal.rules.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class Office(models.Model):
    """A personnel office (人事處). It owns plans, agencies and people; every list is scoped by it."""

    code = models.SlugField("代碼", unique=True)
    name = models.CharField("名稱", max_length=60, unique=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "人事處"
        verbose_name_plural = "人事處"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class TownshipQuerySet(models.QuerySet["Township"]):
    def get_by_natural_key(self, office: str, name: str) -> "Township":
        return self.get(office__code=office, name=name)


class Township(models.Model):
    """A township, town or city (鄉鎮市) of the county."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="townships", verbose_name="人事處")
    name = models.CharField("名稱", max_length=10)
    order = models.PositiveSmallIntegerField("順序", default=0)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = "鄉鎮市"
        verbose_name_plural = "鄉鎮市"
        ordering = ["office", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="township_named_once")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.office.code, self.name)


class Agency(models.Model):
    """An agency or school (機關學校).

    `short_name` is the name as plans list it, `official_name` the 全銜 of today; former and other names are
    `AgencyName` rows. `folded` holds all of them as search compares them and is kept by `refold`.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="agencies", verbose_name="人事處")
    short_name = models.CharField("簡稱", max_length=30)
    official_name = models.CharField("全銜", max_length=60)
    code = models.CharField("機關代碼", max_length=10, blank=True)
    kind = models.CharField("類別", max_length=15, choices=AgencyKind)
    township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="agencies",
        verbose_name="所在鄉鎮市",
        help_text="實際所在地；計畫所列分組另記於分區成員。",
    )
    staffing = models.CharField("人事人員", max_length=10, choices=Staffing, default=Staffing.FULL_TIME)
    mail = models.EmailField("公務信箱", blank=True)
    phone = models.CharField("電話", max_length=30, blank=True)
    is_active = models.BooleanField("使用中", default=True)
    note = models.CharField("備註", max_length=200, blank=True)
    folded = models.TextField("檢索字串", editable=False, default="")

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = "機關"
        verbose_name_plural = "機關"
        ordering = ["office", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["office", "short_name"], name="agency_listed_once"),
            models.UniqueConstraint(
                fields=["office"], condition=models.Q(kind=AgencyKind.OFFICE), name="office_is_one_agency"
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refold([n.name for n in self.names.all()] if self.pk else [])
        super().save(*args, **kwargs)

    def refold(self, names: "Iterable[str]") -> None:
        """Keep all names as search compares them; bulk writes call it themselves, since they do not `save`."""
        self.folded = "|".join(["", *map(fold, [self.short_name, self.official_name, *names]), ""])

    def natural_key(self) -> tuple[str, str]:
        return (self.office.code, self.short_name)

    def official_name_on(self, day: "date") -> str:
        """Return the 全銜 that was in use on the day; names change (稅務局 → 財政稅務局)."""
        for former in self.names.all():
            if former.kind == NameKind.OFFICIAL and former.covers(day):
                return former.name
        return self.official_name


class AgencyName(models.Model):
    """A former official name with its dates, or another name by which people look for the agency."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="names", verbose_name="機關")
    kind = models.CharField("種類", max_length=10, choices=NameKind, default=NameKind.ALIAS)
    name = models.CharField("名稱", max_length=60)
    since = models.DateField("起日", null=True, blank=True)
    until = models.DateField("迄日", null=True, blank=True)

    class Meta:
        verbose_name = "機關名稱"
        verbose_name_plural = "機關名稱"
        ordering = ["agency", "since", "pk"]
        constraints = [models.UniqueConstraint(fields=["agency", "name", "kind"], name="agency_name_once")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.agency.save(update_fields=["folded"])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        self.agency.save(update_fields=["folded"])
        return deleted

    def covers(self, day: "date") -> bool:
        """Tell whether the name was in use on the day; a missing end is open."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
