from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "renpu.linkage"
    label = "linkage"
