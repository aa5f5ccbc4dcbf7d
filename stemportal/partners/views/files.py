"""Files of partners: logos for everybody, brand material for those who may use it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.partners.access import brand_material_for, partner_of_logo
from stemportal.partners.logos import content_type
from stemportal.partners.services.brand import type_of

# A name is never used for another picture, so nobody needs to ask for it twice.
FOR_A_YEAR = f"public, max-age={365 * 24 * 60 * 60}, immutable"
ONLY_HERE = "private, no-cache"
# The file is no page: should a browser ever open it as one, it may load and run nothing.
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@login_not_required
@require_safe
def logo(request: HttpRequest, name: str) -> FileResponse:
    """A logo. That of a partner that is not approved is for its members only."""
    partner = partner_of_logo(request, name)
    response = _file(partner.logo, content_type(name))
    response["Cache-Control"] = FOR_A_YEAR if partner.is_approved else ONLY_HERE
    return response


@require_safe
def brand_file(request: PersonRequest, pk: int) -> FileResponse:
    """A file to use, always as a download. Pictures of a page show attachments all the same."""
    material = brand_material_for(request.user, pk)
    response = _file(material.file, type_of(material.file_name), name=material.file_name)
    response["Cache-Control"] = ONLY_HERE
    return response


def _file(file: FieldFile, kind: str, *, name: str = "") -> FileResponse:
    """Stream a stored file, under a name to save it by where there is one. Raises Http404 when the file is gone."""
    try:
        content = default_storage.open(str(file.name))
    except FileNotFoundError as error:
        raise Http404("the file is gone") from error
    response = FileResponse(content, as_attachment=bool(name), filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    return response
