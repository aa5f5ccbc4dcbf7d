from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "stemportal.schools"
    verbose_name = _("Schools and bookings")

    def ready(self) -> None:
        """Let the search know schools as places, and a partner's room its visits, although schools come after both."""
        from stemportal.activities.finding import places
        from stemportal.partners import extensions
        from stemportal.schools import partner_ties
        from stemportal.schools.queries import place_of_school
        from stemportal.schools.today import visit_tasks

        places.register(place_of_school)
        extensions.today.append(visit_tasks)
        partner_ties.register()
