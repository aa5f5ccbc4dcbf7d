from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "stemportal.schools"
    verbose_name = _("Schools and bookings")

    def ready(self) -> None:
        """Let the search know schools as places, although schools come after activities in the story."""
        from stemportal.activities import places_nearby
        from stemportal.schools.queries import place_of_school

        places_nearby.register(place_of_school)
