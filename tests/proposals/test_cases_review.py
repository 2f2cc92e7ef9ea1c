"""From the office's desk to the library: marks, decisions, publishing, corrections, taking down."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.actions import cases as actions
from proposals.actions.items import Conflict, return_item, withdraw_item
from proposals.choices import CaseState, MarkDecision, MarkKind
from proposals.models import Case, Mark, Publication, Statute, Supersession
from tests import build

pytestmark = pytest.mark.django_db
HIDDEN, KEPT = MarkDecision.HIDDEN, MarkDecision.KEPT


@pytest.fixture
def case(cast: build.Cast) -> Case:
    """A case at the office that gives away two people, a phone and an address."""
    return build.case(
        state=CaseState.AT_OFFICE,
        subject="吳成員代理期間加班費",
        summary="王姓同仁（電話0912-345-678）由吳成員代理。\n吳成員另兼辦會計。",
        handling="函詢嘉義縣太保市祥和二路東段1號。",
        outcome="依規定辦理。",
        statutes_text="公務人員加給給與辦法",
    )


@pytest.fixture
def reviewed(case: Case, cast: build.Cast) -> Case:
    """The case in review."""
    return actions.start_review(case=case, by=cast.office_reviewer)


def decide_all(case: Case, decision: MarkDecision, by: Any) -> None:
    actions.decide_marks(case=case, decisions={mark.pk: decision for mark in case.marks.all()}, by=by)


def test_review_marks_every_text(reviewed: Case) -> None:
    assert reviewed.state == CaseState.IN_REVIEW
    assert [(m.field, m.text, m.kind, m.decision) for m in reviewed.marks.order_by("pk")] == [
        ("subject", "吳成員", "name", "pending"),
        ("summary", "0912-345-678", "phone", "pending"),
        ("summary", "吳成員", "name", "pending"),
        ("summary", "吳成員", "name", "pending"),
        ("handling", "嘉義縣太保市祥和二路東段1號", "address", "pending"),
    ]
    entry = Entry.objects.for_target(reviewed)[0]
    assert (entry.act, entry.detail) == ("case.review_started", {"marks": 5})


def test_names_of_other_offices_are_not_known(case: Case, cast: build.Cast) -> None:
    assert "許他縣" not in actions.known_names(case)
    assert {"吳成員", "黃承辦"} <= set(actions.known_names(case))


def test_a_second_review_marks_anew(reviewed: Case, cast: build.Cast) -> None:
    decide_all(reviewed, HIDDEN, cast.office_reviewer)
    return_item(item=reviewed, reason="請補充法規。", by=cast.office_reviewer)
    Case.objects.filter(pk=reviewed.pk).update(state=CaseState.AT_OFFICE, package=build.package(), summary="無個資。")
    again = actions.start_review(case=reviewed, by=cast.office_reviewer)
    assert [(mark.field, mark.decision) for mark in again.marks.all()] == [
        ("handling", "pending"),
        ("subject", "pending"),
    ]


def test_marks_say_who_decided(reviewed: Case, cast: build.Cast) -> None:
    first, second, *_ = reviewed.marks.all()
    new = actions.decide_marks(case=reviewed, decisions={first.pk: HIDDEN, second.pk: KEPT}, by=cast.office_reviewer)
    assert new == 2
    marks = Mark.objects.filter(case=reviewed).exclude(decision="pending").order_by("pk")
    assert {(mark.pk, mark.decision, mark.decided_by) for mark in marks} == {
        (first.pk, "hidden", cast.office_reviewer),
        (second.pk, "kept", cast.office_reviewer),
    }
    assert Entry.objects.for_target(reviewed)[0].detail == {"hidden": 1, "kept": 1}
    assert actions.decide_marks(case=reviewed, decisions={first.pk: HIDDEN}, by=cast.office_admin) == 0


def test_a_decision_of_somebody_else_is_not_turned_round_unseen(reviewed: Case, cast: build.Cast) -> None:
    mark = reviewed.marks.all()[0]
    actions.decide_marks(case=reviewed, decisions={mark.pk: HIDDEN}, by=cast.office_admin)
    with pytest.raises(Conflict, match=r"林主任已於.+改為「遮蔽」"):
        actions.decide_marks(
            case=reviewed, decisions={mark.pk: KEPT}, shown={mark.pk: "pending"}, by=cast.office_reviewer
        )
    mark.refresh_from_db()
    assert mark.decision == HIDDEN


def test_marks_of_another_case_are_refused(reviewed: Case, cast: build.Cast) -> None:
    other = actions.start_review(case=build.case(state=CaseState.AT_OFFICE, subject="吳成員"), by=cast.office_reviewer)
    key = other.marks.get().pk
    with pytest.raises(Conflict, match="重新整理"):
        actions.decide_marks(case=reviewed, decisions={key: HIDDEN}, by=cast.office_reviewer)


def test_a_passage_marked_by_hand_is_hidden_everywhere(reviewed: Case, cast: build.Cast) -> None:
    places = actions.add_mark(case=reviewed, text="王姓同仁", kind=MarkKind.NAME, by=cast.office_reviewer)
    assert places == 1
    mark = reviewed.marks.get(text="王姓同仁")
    assert (mark.field, mark.start, mark.end, mark.decision, mark.decided_by) == (
        "summary", 0, 4, "hidden", cast.office_reviewer,
    )  # fmt: skip
    assert actions.add_mark(case=reviewed, text="吳成員", kind=MarkKind.NAME, by=cast.office_reviewer) == 3
    assert reviewed.marks.filter(decision="pending").count() == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("王", "至少輸入 2 個字"), ("張三丰", "沒有這段文字"), ("吳成員", "已全部遮蔽"), ("", "至少")],
)
def test_a_passage_that_cannot_be_marked_says_why(reviewed: Case, cast: build.Cast, text: str, sentence: str) -> None:
    decide_all(reviewed, HIDDEN, cast.office_reviewer)
    with pytest.raises(ValidationError, match=sentence):
        actions.add_mark(case=reviewed, text=text, kind=MarkKind.NAME, by=cast.office_reviewer)


def test_a_part_of_a_kept_passage_can_be_hidden(reviewed: Case, cast: build.Cast) -> None:
    decide_all(reviewed, KEPT, cast.office_reviewer)
    actions.add_mark(case=reviewed, text="嘉義縣太保市", kind=MarkKind.ADDRESS, by=cast.office_reviewer)
    assert actions.hidden_texts(reviewed)["handling"] == "函詢○○○祥和二路東段1號。"


def test_publishing_waits_for_every_mark(reviewed: Case, cast: build.Cast) -> None:
    first = reviewed.marks.all()[0]
    actions.decide_marks(case=reviewed, decisions={first.pk: HIDDEN}, by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="尚有 4 處標記待確認"):
        actions.publish_case(case=reviewed, by=cast.office_reviewer)
    assert Publication.objects.count() == 0


def test_publishing_freezes_the_texts_without_what_is_hidden(reviewed: Case, cast: build.Cast) -> None:
    statute = Statute.objects.create(office=build.county(), name="公務人員加給給與辦法")
    reviewed.statutes.add(statute)
    decide_all(reviewed, HIDDEN, cast.office_reviewer)
    kept = reviewed.marks.get(field="subject")
    actions.decide_marks(case=reviewed, decisions={kept.pk: KEPT}, by=cast.office_reviewer)
    publication = actions.publish_case(case=reviewed, by=cast.office_reviewer)
    reviewed.refresh_from_db()
    assert reviewed.state == CaseState.PUBLISHED
    assert publication.subject == "吳成員代理期間加班費"
    assert publication.summary == "王姓同仁（電話○○○）由○○○代理。\n○○○另兼辦會計。"
    assert (publication.handling, publication.outcome) == ("函詢○○○。", "依規定辦理。")
    assert list(publication.statutes.all()) == [statute]
    assert (publication.business, publication.kind, publication.agency_kind) == (
        "appraisal",
        "difficult",
        "junior_high",
    )
    assert "0912" not in publication.folded
    assert Entry.objects.for_target(reviewed)[0].detail == {"publication": publication.pk}


def test_publishing_tells_authors_and_host(reviewed: Case, cast: build.Cast) -> None:
    decide_all(reviewed, HIDDEN, cast.office_reviewer)
    publication = actions.publish_case(case=reviewed, by=cast.office_reviewer)
    mails = Message.objects.filter(subject="【案例發布】○○○代理期間加班費")
    assert {mail.to for mail in mails} == {cast.member_officer.email, cast.host_officer.email}
    assert all(publication.get_absolute_url() in mail.text and "0912" not in mail.text + mail.html for mail in mails)


def test_a_full_subject_of_two_letter_names_still_fits(cast: build.Cast) -> None:
    build.officer(build.listed("民雄國小"), name="李明")
    case = build.case(state=CaseState.AT_OFFICE, subject="李明、" * 66 + "李明", statutes_text="李明、" * 166 + "李明")
    case = actions.start_review(case=case, by=cast.office_reviewer)
    decide_all(case, HIDDEN, cast.office_reviewer)
    publication = actions.publish_case(case=case, by=cast.office_reviewer)
    assert publication.subject == "○○○、" * 66 + "○○○"


def test_whoever_comes_second_is_told(reviewed: Case, cast: build.Cast) -> None:
    decide_all(reviewed, KEPT, cast.office_reviewer)
    withdraw_item(item=reviewed, reason="當事人不同意。", by=cast.member_officer)
    for act in (actions.publish_case, actions.start_review):
        with pytest.raises(Conflict, match=r"吳成員已於.+辦理「撤回」"):
            act(case=reviewed, by=cast.office_reviewer)
    with pytest.raises(Conflict):
        actions.add_mark(case=reviewed, text="依規定", kind=MarkKind.NAME, by=cast.office_reviewer)


@pytest.mark.parametrize("role", ["office_reader", "host_officer", "member_officer", "stranger", "other_reviewer"])
def test_nobody_but_a_reviewer_reviews(case: Case, cast: build.Cast, role: str) -> None:
    with pytest.raises(Conflict, match="僅限人事處審核人員"):
        actions.start_review(case=case, by=getattr(cast, role))


# --- Corrections -----------------------------------------------------------------------------------------------------


@pytest.fixture
def publication(reviewed: Case, cast: build.Cast) -> Publication:
    """The case in the library."""
    decide_all(reviewed, HIDDEN, cast.office_reviewer)
    return actions.publish_case(case=reviewed, by=cast.office_reviewer)


def test_a_correction_is_another_publication(publication: Publication, cast: build.Cast) -> None:
    statute = Statute.objects.create(office=build.county(), name="行政程序法")
    corrected = actions.correct_publication(
        publication=publication,
        changes={"outcome": "依新規定辦理。", "statutes_text": "行政程序法第48條", "summary": publication.summary},
        reason="引用法規有誤。",
        by=cast.office_reviewer,
    )
    publication.refresh_from_db()
    assert publication.outcome == "依規定辦理。"
    assert (corrected.corrects, corrected.correction_reason) == (publication, "引用法規有誤。")
    assert (corrected.outcome, corrected.summary) == ("依新規定辦理。", publication.summary)
    assert list(corrected.statutes.all()) == [statute]
    assert list(Publication.objects.current()) == [corrected]
    entry = Entry.objects.for_target(publication.case)[0]
    assert (entry.act, entry.detail["changed"]) == ("case.corrected", ["outcome", "statutes_text"])


@pytest.mark.parametrize(
    ("changes", "reason", "sentence"),
    [({}, "誤植。", "沒有變更"), ({"outcome": "依規定辦理。"}, "誤植。", "沒有變更"), ({"outcome": "x"}, " ", "理由")],
)
def test_a_correction_needs_a_change_and_a_reason(
    publication: Publication, cast: build.Cast, changes: dict[str, str], reason: str, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        actions.correct_publication(publication=publication, changes=changes, reason=reason, by=cast.office_reviewer)


def test_what_a_correction_tells_anew_is_confirmed_first(publication: Publication, cast: build.Cast) -> None:
    act: dict[str, Any] = {
        "publication": publication,
        "changes": {"outcome": "請洽黃承辦（05-2653211）。"},
        "reason": "補充。",
        "by": cast.office_reviewer,
    }
    with pytest.raises(actions.UnconfirmedError) as refused:
        actions.correct_publication(**act)
    assert refused.value.passages == ["黃承辦", "05-2653211"]
    assert actions.correct_publication(**act, confirmed=refused.value.passages).outcome == "請洽黃承辦（05-2653211）。"


def test_only_the_latest_version_is_corrected(publication: Publication, cast: build.Cast) -> None:
    latest = actions.correct_publication(
        publication=publication, changes={"outcome": "一"}, reason="誤植", by=cast.office_admin
    )
    with pytest.raises(Conflict, match=r"林主任已於.+更正最新的版本"):
        actions.correct_publication(
            publication=publication, changes={"outcome": "二"}, reason="誤植", by=cast.office_reviewer
        )
    actions.correct_publication(publication=latest, changes={"outcome": "二"}, reason="誤植", by=cast.office_reviewer)


@pytest.mark.parametrize("stays", [True, False])
def test_a_correction_takes_suggestions_along(publication: Publication, cast: build.Cast, stays: bool) -> None:
    statute = Statute.objects.create(office=build.county(), name="行政程序法")
    old, new = build.proposal(), build.proposal()
    decided = {"is_confirmed": True, "decided_by": cast.office_admin, "decided_at": build.at(build.TODAY)}
    Supersession.objects.create(publication=publication, proposal=old, statute=statute, **decided)
    Supersession.objects.create(publication=publication, proposal=new, statute=statute)
    corrected = actions.correct_publication(
        publication=publication, changes={"outcome": "一"}, reason="誤植", stays_superseded=stays, by=cast.office_admin
    )
    assert [found.proposal for found in publication.supersessions.all()] == [old]
    found = {(row.proposal, row.is_confirmed) for row in corrected.supersessions.all()}
    assert found == ({(new, None), (old, True)} if stays else {(new, None)})


# --- Taking down -----------------------------------------------------------------------------------------------------


def test_what_is_taken_down_only_the_office_sees(publication: Publication, cast: build.Cast) -> None:
    actions.take_down(publication=publication, reason="可辨識當事人。", by=cast.office_reviewer)
    assert list(Publication.objects.visible_to(cast.member_officer)) == []
    assert list(Publication.objects.visible_to(cast.office_reader)) == [publication]
    entry = Entry.objects.for_target(publication.case)[0]
    assert (entry.act, entry.detail["reason"]) == ("case.taken_down", "可辨識當事人。")
    with pytest.raises(Conflict, match=r"陳審核已於.+已停止公開"):
        actions.take_down(publication=publication, reason="再一次", by=cast.office_admin)


def test_taking_down_needs_a_reason(publication: Publication, cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="理由"):
        actions.take_down(publication=publication, reason="  ", by=cast.office_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.update(taken_down_at=build.at(build.TODAY))
