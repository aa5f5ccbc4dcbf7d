"""Files beyond the ceiling are dropped on the way, and the rest of the form still arrives."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from stemportal.lib.uploads import upload_was_too_large


@pytest.fixture(autouse=True)
def low_ceiling(settings):
    settings.UPLOAD_MAX_BYTES = 200_000


def sent(*sizes: int):
    """A request with a field of text and files of these sizes."""
    files = {f"file{n}": SimpleUploadedFile(f"{n}.bin", b"x" * size) for n, size in enumerate(sizes)}
    request = RequestFactory().post("/", {"name": "Kari", **files, "after": "yes"})
    assert request.POST["name"] == "Kari"
    assert request.POST["after"] == "yes"
    return request


def test_file_at_the_ceiling_comes_through_whole():
    request = sent(200_000)
    assert request.FILES["file0"].size == 200_000
    assert not upload_was_too_large(request)


@pytest.mark.parametrize("size", [200_001, 1_000_000, 4_000_000])
def test_file_above_the_ceiling_is_dropped_and_the_form_stays(size):
    """The last one is larger than Django keeps in memory, so it would have gone to the disk."""
    request = sent(size)
    assert not request.FILES
    assert upload_was_too_large(request)


def test_small_file_beside_a_large_one_is_kept():
    request = sent(10, 300_000, 20)
    assert {name: file.size for name, file in request.FILES.items()} == {"file0": 10, "file2": 20}
    assert upload_was_too_large(request)


def test_request_without_files_is_not_too_large():
    assert not upload_was_too_large(RequestFactory().post("/", {"name": "Kari"}))
