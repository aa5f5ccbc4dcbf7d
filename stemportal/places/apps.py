from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PlacesConfig(AppConfig):
    name = "stemportal.places"
    verbose_name = pgettext_lazy("geography", "Places")
