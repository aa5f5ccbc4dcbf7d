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


def stored_file(file: FieldFile, kind: str, *, name: str = "") -> FileResponse:
    """Stream a stored file, as an attachment under ``name`` where there is one. Raises Http404 when it is gone."""
    try:
        content = default_storage.open(str(file.name))
    except FileNotFoundError as error:
        raise Http404("the file is gone") from error
    response = FileResponse(content, as_attachment=bool(name), filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    return response
