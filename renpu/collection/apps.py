from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "renpu.collection"
    label = "collection"
