from django.apps import AppConfig


class TracingConfig(AppConfig):
    name = "renpu.tracing"
    label = "tracing"

    def ready(self):
        from renpu.platform import panels
        from renpu.tracing.panel import household_panel, work_item_panel

        panels.HOUSEHOLD.append(household_panel)
        panels.WORK_ITEM.append(work_item_panel)
