from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "stemportal.schools"
    verbose_name = _("Schools and bookings")

    def ready(self) -> None:
        """Let the search know schools as places and the number of enquiries, and a partner's room its visits."""
        from allauth.socialaccount.signals import social_account_added

        from stemportal.accounts import deletion
        from stemportal.activities import page_parts, search_index
        from stemportal.activities.finding import places
        from stemportal.partners import extensions
        from stemportal.schools import after_ties, message_ties, partner_ties, transport_ties, wish_ties
        from stemportal.schools.adapter import feide_connected
        from stemportal.schools.queries.reply_time import reply_words
        from stemportal.schools.queries.schools import place_of_school, school_place_of
        from stemportal.schools.services import handover
        from stemportal.schools.services.enquiries import count_enquiries
        from stemportal.schools.today import line_tasks, visit_tasks

        places.register(place_of_school)
        places.own_places.append(school_place_of)
        search_index.recounts.append(count_enquiries)
        page_parts.above_facts.append("schools/admin/activity_links.html")
        extensions.today.append(visit_tasks)
        extensions.today.append(line_tasks)
        extensions.reply_time.append(reply_words)
        partner_ties.register()
        deletion.forget.append(handover.forget)
        social_account_added.connect(feide_connected)
        after_ties.register()
        message_ties.register()
        transport_ties.register()
        wish_ties.register()
