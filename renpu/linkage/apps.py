from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "renpu.linkage"
    label = "linkage"

    def ready(self):
        from renpu.registers.holders import HOLDERS

        HOLDERS.append("renpu.linkage.destruction.forget")
