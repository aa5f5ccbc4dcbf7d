from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "stemportal.network"
    verbose_name = _("The network")

    def ready(self) -> None:
        """Add what the network knows to a partner's and a person's data, one module a matter."""
        from stemportal.network import ties_groups, ties_inputs, ties_meetings, ties_stories

        ties_groups.register()
        ties_inputs.register()
        ties_meetings.register()
        ties_stories.register()
