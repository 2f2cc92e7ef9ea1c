"""Files that workers write: asked for where a list is too long, written with the rights of whoever asked, kept a week."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from districts.models import Posting
from personnel_portal import lists
from personnel_portal.accounts.models import Deputyship
from personnel_portal.downloads import actions
from personnel_portal.downloads.models import Download
from personnel_portal.downloads.tasks import prepare
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.actions import forget_unused
from personnel_portal.uploads.models import StoredFile
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
LIST = "/districts/agencies/?q=%E5%9C%8B%E4%B8%AD"  # 國中
EXPORT = f"{LIST}&export=csv"


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the county's agencies more than five are too many for a request."""
    monkeypatch.setattr(lists, "LONG", 5)
    monkeypatch.setattr(lists, "_FETCHED", 2)


def asked(user: Any, address: str = EXPORT) -> Download:
    """Ask for a list as a person does: the export leads to the offer, the offer is taken."""
    client = logged_in(user)
    offer = client.get(address)
    assert offer.status_code == 302
    assert client.post(offer["Location"]).status_code == 302
    return Download.objects.latest("pk")


def fetched(user: Any, download: Download) -> Any:
    return logged_in(user).get(reverse("downloads:file", args=[download.pk]))


def directly(user: Any, monkeypatch: pytest.MonkeyPatch) -> bytes:
    with monkeypatch.context() as patched:
        patched.setattr(lists, "LONG", 1000)
        content: bytes = logged_in(user).get(EXPORT).getvalue()
    return content


def test_a_long_list_is_offered_as_a_file(cast: build.Cast) -> None:
    client = logged_in(cast.office_reviewer)
    page = client.get(EXPORT, follow=True)
    rows = int(re.findall(r"「機關」共 (\d+) 列", page.content.decode())[0])
    assert rows > 5
    assert Download.objects.count() == 0, "a page that is only looked at asks for nothing"
    after = client.post(page.redirect_chain[0][0], follow=True)
    assert "「機關」開始產製，完成後會以電子郵件通知您。" in after.content.decode()
    assert "等待產製" in after.content.decode()
    download = Download.objects.get()
    assert (download.user, download.address, download.rows) == (cast.office_reviewer, EXPORT, rows)


@pytest.mark.parametrize("form", ["ods", "xlsx", "csv"])
def test_the_worker_writes_what_the_person_would_have_got(
    cast: build.Cast, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = asked(cast.office_reviewer, f"{LIST}&export={form}")
    prepare()
    download.refresh_from_db()
    assert download.file is not None
    assert (download.file.name, download.file.kind) == (f"機關.{form}", form)
    answer = fetched(cast.office_reviewer, download)
    content = answer.getvalue()
    assert len(content) == download.file.size > 0
    if form == "csv":
        assert content == directly(cast.office_reviewer, monkeypatch)
    assert Entry.objects.filter(act="list.exported", actor=cast.office_reviewer, detail__rows=download.rows).exists()


def test_the_person_is_told_once_and_finds_the_file(cast: build.Cast) -> None:
    download = asked(cast.office_reviewer)
    prepare()
    prepare()
    mail = Message.objects.get(to=cast.office_reviewer.email)
    assert mail.subject == "【檔案已備妥】機關"
    assert reverse("downloads:index") in mail.text
    page = logged_in(cast.office_reviewer).get(reverse("downloads:index")).content.decode()
    assert "可下載" in page
    assert reverse("downloads:file", args=[download.pk]) in page
    assert "hx-trigger" not in page, "nothing is waited for any more"


def test_how_far_it_is_shows(cast: build.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(actions, "_tell", lambda download, rows: told.append(rows))
    download = asked(cast.office_reviewer)
    prepare()
    assert told == list(range(2, download.rows + 1, 2))


def test_nobody_else_gets_the_file(cast: build.Cast) -> None:
    download = asked(cast.office_reviewer)
    assert fetched(cast.office_reviewer, download).status_code == 404, "not before it is ready"
    prepare()
    assert fetched(cast.office_admin, download).status_code == 404
    assert "機關（" not in logged_in(cast.office_admin).get(reverse("downloads:index")).content.decode()


def test_who_asks_again_is_led_to_the_same_file(cast: build.Cast) -> None:
    first = asked(cast.office_reviewer)
    assert asked(cast.office_reviewer) == first
    prepare()
    assert asked(cast.office_reviewer) != first, "what was written is as old as it is"
    with pytest.raises(IntegrityError), transaction.atomic():
        Download.objects.create(user=cast.office_reviewer, address=EXPORT, title="機關")


@pytest.mark.parametrize("of", ["x", "WyIvIl0:1abc:forged", "%2e%2e"])
def test_an_address_that_the_portal_did_not_offer_is_refused(cast: build.Cast, of: str) -> None:
    assert logged_in(cast.office_reviewer).post(f"/downloads/ask/{of}/").status_code == 404
    assert Download.objects.count() == 0


def test_the_rights_are_those_of_the_moment_of_writing(cast: build.Cast) -> None:
    download = asked(cast.office_reviewer)
    Posting.objects.filter(person__user=cast.office_reviewer).delete()
    prepare()
    download.refresh_from_db()
    assert (download.file, download.problem) == (None, "您目前沒有這份資料的權限，或它已不存在。")


def test_a_closed_account_gets_nothing(cast: build.Cast) -> None:
    download = asked(cast.office_reviewer)
    cast.office_reviewer.is_active = False
    cast.office_reviewer.save()
    prepare()
    download.refresh_from_db()
    assert download.problem == "您目前沒有這份資料的權限，或它已不存在。"


def test_one_that_breaks_keeps_no_other_back(cast: build.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = asked(cast.office_reviewer), asked(cast.office_admin)
    real = actions._answer

    def breaking(download: Download) -> Any:
        if download == broken:
            raise RuntimeError("disk on fire")
        return real(download)

    monkeypatch.setattr(actions, "_answer", breaking)
    prepare()
    broken.refresh_from_db()
    whole.refresh_from_db()
    assert broken.problem == "產製時發生錯誤，請稍後再試一次；仍無法產製請洽系統管理人員。"
    assert whole.ready_at is not None
    page = logged_in(cast.office_reviewer).get(reverse("downloads:index")).content.decode()
    assert "無法產製" in page
    assert "disk on fire" not in page


def test_a_page_that_is_no_file_is_not_kept(cast: build.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse("<p>")

    download = asked(cast.office_reviewer)
    monkeypatch.setattr(actions, "_answer", page)
    prepare()
    download.refresh_from_db()
    assert download.problem
    assert StoredFile.objects.count() == 0


def test_what_a_killed_worker_left_is_written_by_the_next(cast: build.Cast) -> None:
    download = asked(cast.office_reviewer)
    Download.objects.update(claimed_at=timezone.now() - timedelta(minutes=14), done=4)
    prepare()
    download.refresh_from_db()
    assert (download.is_unfinished, download.done) == (True, 4)
    Download.objects.update(claimed_at=timezone.now() - timedelta(minutes=16))
    prepare()
    download.refresh_from_db()
    assert download.ready_at is not None


def test_after_a_week_it_is_gone(cast: build.Cast) -> None:
    asked(cast.office_reviewer)
    prepare()
    Download.objects.update(asked_at=timezone.now() - timedelta(days=7, minutes=1))
    prepare()
    assert Download.objects.count() == 0
    StoredFile.objects.update(kept_at=timezone.now() - timedelta(days=7))
    assert forget_unused(now=timezone.now()) == 1


def test_a_deputy_has_the_principals_files_only_while_acting(cast: build.Cast) -> None:
    today = timezone.localdate()
    deputyship = Deputyship.objects.create(
        principal=cast.office_reviewer,
        deputy=cast.member_officer,
        since=today,
        until=today,
        reason="出差",
    )
    client = logged_in(cast.member_officer)
    client.post(reverse("accounts:act_for", args=[deputyship.pk]))
    client.post(client.get(EXPORT)["Location"])
    download = Download.objects.get()
    assert (download.user, download.acting_for) == (cast.member_officer, cast.office_reviewer)
    prepare()
    address = reverse("downloads:file", args=[download.pk])
    assert client.get(address).getvalue().startswith(b"\xef\xbb\xbf")
    client.post(reverse("accounts:act_as_self"))
    assert client.get(address).status_code == 404
    assert Entry.objects.get(act="list.exported").acting_for_name == cast.office_reviewer.get_full_name()
