"""Papers of a meeting as downloads: PDF to file, ODT to edit. They are short and rendered within the request."""

from collections.abc import Callable
from io import BytesIO

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from meetings import documents
from meetings.models import Meeting
from meetings.policies import can_prepare_papers
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import odf, pdf
from personnel_portal.documents.paper import Paper
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record

RENDERERS: dict[str, tuple[Callable[[Paper], bytes], str]] = {
    "pdf": (pdf.render, "application/pdf"),
    "odt": (odf.render, "application/vnd.oasis.opendocument.text"),
}


@guard(Meeting)
def notice(request: SignedInRequest, meeting: Meeting, form: str) -> HttpResponseBase:
    """Return the 開會通知單; a draft until the meeting is called."""
    return _download(request, meeting, documents.notice, "開會通知單", form)


@guard(Meeting, can_prepare_papers)
def sign_in(request: SignedInRequest, meeting: Meeting, form: str) -> HttpResponseBase:
    """Return the 簽到表."""
    return _download(request, meeting, documents.sign_in, "簽到表", form)


@guard(Meeting, can_prepare_papers)
def draft(request: SignedInRequest, meeting: Meeting, form: str) -> HttpResponseBase:
    """Return the 會議紀錄 as far as agenda, attendance and resolutions are entered."""
    return _download(request, meeting, documents.draft, "紀錄", form)


def _download(
    request: SignedInRequest, meeting: Meeting, make: Callable[[Meeting], Paper], word: str, form: str
) -> HttpResponseBase:
    if form not in RENDERERS:
        raise Http404
    render, content_type = RENDERERS[form]
    content = render(make(meeting))
    record("paper.printed", meeting, by=request.user, office_id=meeting.plan.office_id, paper=word, form=form)
    name = f"{documents.name_of(meeting)}{word}.{form}"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)
