"""The secretariat's desk for partners. Importing the modules registers their pages."""

from stemportal.partners.admin import (
    brand,
    declarations,
    exports,
    imports,
    levels,
    notes,
    partners,
    reasons,
    register,
)

__all__ = ["brand", "declarations", "exports", "imports", "levels", "notes", "partners", "reasons", "register"]
