from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    name = "stemportal.newsletters"
    verbose_name = _("Newsletters")

    def ready(self) -> None:
        """Hear of what mail providers tell; a no to the newsletter is nobody's but the person's."""
        from stemportal.accounts import deletion
        from stemportal.newsletters import provider_events

        provider_events.listen()
        deletion.goes_along.add("newsletters.notnow")
