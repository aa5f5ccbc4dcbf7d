from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "stemportal.activities"
    verbose_name = _("Activities")

    def ready(self) -> None:
        """Let offers follow what happens to their partner, although partners come before activities in the story."""
        from stemportal.accounts import deletion
        from stemportal.activities import partner_ties
        from stemportal.activities.search_index import refresh_search_of
        from stemportal.activities.services.asking import forget_wishes_of
        from stemportal.activities.today import goal_tasks, offer_tasks
        from stemportal.partners import extensions

        extensions.today.append(offer_tasks)
        extensions.today.append(goal_tasks)
        extensions.name_changed.append(refresh_search_of)
        partner_ties.register()
        # Favourites, saved searches and wishes are nobody's but the person's.
        deletion.goes_along.update({"activities.favourite", "activities.savedsearch", "activities.unmetsearch"})
        deletion.forget.append(forget_wishes_of)
