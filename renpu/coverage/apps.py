from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "renpu.coverage"
    label = "coverage"

    def ready(self):
        from renpu.coverage.destruction import forget
        from renpu.coverage.panels import work_panel
        from renpu.platform import panels
        from renpu.registers.destruction import HOLDERS

        HOLDERS.append(forget)
        panels.HOUSEHOLD.append(work_panel)
