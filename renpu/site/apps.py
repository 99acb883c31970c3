from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "renpu.site"
    label = "site"
