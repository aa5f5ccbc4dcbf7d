from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "stemportal.activities"
    verbose_name = _("Activities")

    def ready(self) -> None:
        """Let offers follow what happens to their partner, although partners come before activities in the story."""
        from stemportal.activities import partner_ties
        from stemportal.activities.search_index import refresh_search_of
        from stemportal.activities.today import offer_tasks
        from stemportal.partners import extensions

        extensions.today.append(offer_tasks)
        extensions.name_changed.append(refresh_search_of)
        partner_ties.register()
