from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "renpu.linkage"
    label = "linkage"

    def ready(self):
        from renpu.linkage.destruction import forget
        from renpu.registers.destruction import HOLDERS

        HOLDERS.append(forget)
