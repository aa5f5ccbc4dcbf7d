from django.urls import path

from stemportal.accounts import feide, views

urlpatterns = [
    path("language/", views.set_language, name="set_language"),
    # At allauth's own addresses, and before them.
    path("oidc/feide/login/", feide.login, name="feide_login"),
    path("oidc/feide/login/callback/", feide.callback, name="feide_callback"),
]
