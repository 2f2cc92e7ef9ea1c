"""People and their dated postings. Personal data are minimal: no ID number, no birthday, no private address."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from districts.choices import Access, Function, Status
from districts.models.agencies import Agency, Office
from districts.querysets import PersonQuerySet, PostingQuerySet


class Person(models.Model):
    """Someone who works with personnel matters; the login is optional."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="people", verbose_name="人事處")
    name = models.CharField("姓名", max_length=50)
    status = models.CharField("身分別", max_length=15, choices=Status, default=Status.CIVIL_SERVANT)
    mail = models.EmailField("公務信箱", blank=True)
    phone = models.CharField("公務電話", max_length=30, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="person",
        verbose_name="帳號",
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人員"
        verbose_name_plural = "人員"
        ordering = ["office", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class Posting(models.Model):
    """A person's post at an agency from a day on, and what it lets the person do here.

    Duties, drafts and rights follow the posting, so a handover is one posting that ends and another that begins.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="postings", verbose_name="人員")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="postings", verbose_name="機關")
    unit = models.CharField("單位", max_length=30, blank=True)
    title = models.CharField("職稱", max_length=30)
    rank = models.CharField("官職等", max_length=30, blank=True)
    function = models.CharField("職務性質", max_length=10, choices=Function, default=Function.PERSONNEL)
    access = models.CharField("使用權限", max_length=10, choices=Access, default=Access.WORK)
    since = models.DateField("到任日")
    until = models.DateField("卸任日", null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = "職務"
        verbose_name_plural = "職務"
        ordering = ["agency", "since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="posting_ends_after_start",
                violation_error_message="卸任日不得早於到任日。",
            ),
            models.UniqueConstraint(
                fields=["person", "agency", "function"], condition=Q(until__isnull=True), name="posting_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.title} {self.person}"
