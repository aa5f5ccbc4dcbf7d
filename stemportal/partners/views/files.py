"""Files of partners: logos for everybody, brand material for those who may use it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.stored_files import FOR_A_YEAR, ONLY_HERE, stored_file
from stemportal.partners.access import brand_material_for, partner_of_logo
from stemportal.partners.services.brand import type_of


@login_not_required
@require_safe
def logo(request: HttpRequest, name: str) -> FileResponse:
    """A logo. That of a partner that is not approved is for its members only."""
    partner = partner_of_logo(request, name)
    response = stored_file(partner.logo)
    response["Cache-Control"] = FOR_A_YEAR if partner.is_approved else ONLY_HERE
    return response


@require_safe
def brand_file(request: PersonRequest, pk: int) -> FileResponse:
    """A file to use, always as a download. Pictures of a page show attachments all the same."""
    material = brand_material_for(request.user, pk)
    response = stored_file(material.file, name=material.file_name, kind=type_of(material.file_name))
    response["Cache-Control"] = ONLY_HERE
    return response
