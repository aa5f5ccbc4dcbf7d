from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "stemportal.schools"
    verbose_name = _("Schools and bookings")

    def ready(self) -> None:
        """Let the search know schools as places and the number of enquiries, and a partner's room its visits."""
        from stemportal.activities import search_index
        from stemportal.activities.finding import places
        from stemportal.partners import extensions
        from stemportal.schools import partner_ties
        from stemportal.schools.queries.schools import place_of_school, school_place_of
        from stemportal.schools.services.enquiries import count_enquiries
        from stemportal.schools.today import visit_tasks

        places.register(place_of_school)
        places.own_places.append(school_place_of)
        search_index.recounts.append(count_enquiries)
        extensions.today.append(visit_tasks)
        partner_ties.register()
