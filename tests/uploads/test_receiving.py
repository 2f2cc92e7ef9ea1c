"""From the browser to the field: several files, too many, too large."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict
from pytest_django import Settings

from personnel_portal.uploads.checks import check
from personnel_portal.uploads.fields import MultipleFileField
from personnel_portal.uploads.kinds import ATTACHMENTS, MINUTES
from personnel_portal.uploads.names import safe_name
from personnel_portal.uploads.receiving import HeadersInUtf8


class UploadForm(forms.Form):
    papers = MultipleFileField(label="檔案", allowed=MINUTES)


def form_with(*names: str) -> UploadForm:
    files: Any = MultiValueDict({"papers": [SimpleUploadedFile(name, b"x") for name in names]})
    return UploadForm({}, files)


@contextmanager
def posted(**files: bytes) -> Iterator[HttpRequest]:
    data = {name: io.BytesIO(content) for name, content in files.items()}
    for name, file in data.items():
        file.name = f"{name}.pdf"
    with closing(RequestFactory().post("/", {**data, "note": "打好的字"})) as request:
        yield request


def file_of(request: HttpRequest, name: str) -> UploadedFile[bytes]:
    file = request.FILES[name]
    assert isinstance(file, UploadedFile)
    return file


def test_field_gives_all_files_in_order() -> None:
    form = form_with("一.pdf", "二.odt")
    assert form.is_valid()
    assert [file.name for file in form.cleaned_data["papers"]] == ["一.pdf", "二.odt"]


def test_field_asks_for_a_file() -> None:
    assert form_with().errors == {"papers": ["請選擇至少一個檔案。"]}


def test_field_refuses_too_many(settings: Settings) -> None:
    settings.UPLOAD_MAX_FILES = 2
    assert form_with("1.pdf", "2.pdf", "3.pdf").errors == {"papers": ["一次最多上傳 2 個檔案，請分次上傳。"]}


def test_field_says_what_it_takes() -> None:
    html = UploadForm().as_p()
    assert 'accept=".pdf,.odt,.docx"' in html
    assert " multiple" in html
    assert "可上傳 PDF、ODT、DOCX 檔，每個檔案不超過 20 MB，一次最多 20 個檔案。" in html


@pytest.fixture
def small_limits(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 200_000
    settings.UPLOAD_MAX_FILES = 2
    settings.FILE_UPLOAD_HANDLERS = ["personnel_portal.uploads.receiving.BoundedUploadHandler"]


@pytest.mark.usefixtures("small_limits")
def test_too_large_file_is_dropped_and_the_rest_of_the_form_stays() -> None:
    with posted(small=b"a" * 1000, large=b"b" * 900_000) as request:
        assert request.POST["note"] == "打好的字"
        small, large = file_of(request, "small"), file_of(request, "large")
        assert (small.size, small.read()) == (1000, b"a" * 1000)
        assert (large.size, large.read()) == (900_000, b"")
        with pytest.raises(ValidationError) as refused:
            check(large, ATTACHMENTS)
    assert refused.value.code == "too_large"


@pytest.mark.usefixtures("small_limits")
def test_files_beyond_the_room_of_one_request_are_dropped() -> None:
    with posted(a=b"a" * 190_000, b=b"b" * 190_000, c=b"c" * 190_000) as request:
        assert [file_of(request, name).size for name in "abc"] == [190_000, 190_000, 200_001]
        assert file_of(request, "c").read() == b""


@pytest.mark.usefixtures("small_limits")
def test_nothing_of_a_large_form_has_a_name_on_the_disk(settings: Settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    with posted(paper=b"a" * 150_000) as request:
        assert file_of(request, "paper").read() == b"a" * 150_000
        assert list(tmp_path.iterdir()) == [], "a killed server would leave it there"


def raw_form(name: bytes, content: bytes = b"%PDF-1.7") -> HttpRequest:
    body = (
        b'--line\r\nContent-Disposition: form-data; name="paper"; filename="' + name + b'"\r\n'
        b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n"
        b'--line\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + "打好的字".encode() + b"\r\n--line--\r\n"
    )
    return RequestFactory().generic("POST", "/", body, content_type="multipart/form-data; boundary=line")


@pytest.mark.parametrize("name", ["會議紀錄.pdf", "許功蓋.pdf", "minutes.pdf", "|會|.pdf"])
@pytest.mark.parametrize("encoding", ["cp950", "utf-8"])
def test_file_name_in_big5_arrives_as_it_was_meant(name: str, encoding: str) -> None:
    with closing(raw_form(name.encode(encoding))) as request:
        assert request.POST["note"] == "打好的字"
        paper = file_of(request, "paper")
        assert (paper.name, paper.read()) == (name, b"%PDF-1.7")


def test_file_name_in_no_known_encoding_arrives_without_its_strange_bytes() -> None:
    with closing(raw_form(b"\xff\xff minutes.pdf")) as request:
        assert safe_name(file_of(request, "paper").name) == "__ minutes.pdf"


@pytest.mark.parametrize("size", [100, 65_300, 65_536, 131_000, 3_000_000])
def test_content_stays_byte_by_byte_beside_a_big5_name(size: int) -> None:
    content = (b"\xb7|\r\n\r\n--lin--li" * (size // 12 + 1))[:size]
    with closing(raw_form("許可.pdf".encode("cp950"), content)) as request:
        assert file_of(request, "paper").read() == content
        assert request.POST["note"] == "打好的字"


@pytest.mark.parametrize("step", range(1, 60))
def test_header_is_read_wherever_the_chunks_are_cut(step: int) -> None:
    part = b'--line\r\nContent-Disposition: form-data; name="a"; filename="%b"\r\n\r\n'
    content, end = b"\xb3\\--lin" * 40, b"\r\n--line--\r\n"
    stream = HeadersInUtf8(io.BytesIO(part % "許.pdf".encode("cp950") + content + end), b"line")
    assert b"".join(iter(lambda: stream.read(step), b"")) == part % "許.pdf".encode() + content + end
