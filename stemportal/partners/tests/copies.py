"""A copy of a partner's data, ordered and built."""

from __future__ import annotations

import io
import zipfile

from stemportal.partners.models import (
    DataExport,
    Partner,
)
from stemportal.partners.services import exports


def ordered(partner: Partner, owner=None) -> DataExport:
    return exports.request_copy(partner=partner, by=owner or partner.memberships.first().user)


def copy_of(partner: Partner, owner=None) -> zipfile.ZipFile:
    export = ordered(partner, owner)
    assert exports.build_copy(export.pk), DataExport.objects.get(pk=export.pk).error
    export.refresh_from_db()
    return zipfile.ZipFile(io.BytesIO(export.file.read()))
