from django.apps import AppConfig


class ListingConfig(AppConfig):
    name = "renpu.listing"
    label = "listing"
