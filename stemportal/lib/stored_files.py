"""Handing out what people uploaded, so that no browser ever takes it for a page."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

# A name is never used for another file, so nobody needs to ask for it twice.
FOR_A_YEAR = f"public, max-age={365 * 24 * 60 * 60}, immutable"
ONLY_HERE = "private, no-cache"
# The file is no page: should a browser ever open it as one, it may load and run nothing.
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# By the ending of the stored name, which the portal chose when it had looked into the file.
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def content_type(name: str) -> str:
    """Return the type by a stored name; anything else is bytes to save."""
    return CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def stored_file(file: FieldFile, *, name: str = "", kind: str = "") -> FileResponse:
    """Stream a stored file, as an attachment under ``name`` where there is one. Raises Http404 when it is gone.

    Its type follows from the stored name, unless ``kind`` says it.
    """
    try:
        content = default_storage.open(str(file.name))
    except FileNotFoundError as error:
        raise Http404("the file is gone") from error
    response = FileResponse(
        content, as_attachment=bool(name), filename=name, content_type=kind or content_type(str(file.name))
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    return response
