from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    name = "stemportal.partners"
    verbose_name = _("Partners")

    def ready(self) -> None:
        """Register the partners' own tasks of today beside those of later apps."""
        from stemportal.partners import extensions, own_data
        from stemportal.partners.queries.declarations import declaration_tasks
        from stemportal.partners.queries.engagement import level_tasks

        extensions.today += [declaration_tasks, level_tasks]
        extensions.data_sections += own_data.sections()
