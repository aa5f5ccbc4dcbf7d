"""Schools and bookings on the desk of the secretariat. Importing the modules registers their pages."""

from stemportal.schools.admin import afterwards, bookings, grants, register, rules, schools, teachers, transport, wishes

__all__ = ["afterwards", "bookings", "grants", "register", "rules", "schools", "teachers", "transport", "wishes"]
