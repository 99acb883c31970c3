from django.urls import path

from renpu.coverage import campaign_views, comparison_views, prelist_views, views

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("items/", views.work_items, name="work-items"),
    path("items/change/", views.bulk_change, name="work-change"),
    path("items/<uuid:id>/", views.work_item, name="work-item"),
    path("items/<uuid:id>/clear/", views.clear_item, name="work-clear"),
    path("items/<uuid:id>/assign/", views.assign, name="work-assign"),
    path("items/<uuid:id>/due/", views.due, name="work-due"),
    path("items/<uuid:id>/note/", views.note, name="work-note"),
    path("items/<uuid:id>/try/", views.attempt, name="work-try"),
    path("items/<uuid:id>/check/", views.check, name="work-check"),
    path("items/<uuid:id>/propose/", views.propose, name="work-propose"),
    path("items/<uuid:id>/close/", views.close, name="work-close"),
    path("items/<uuid:id>/reopen/", views.reopen, name="work-reopen"),
    path("batches/<uuid:batch>/", views.batch, name="work-batch"),
    path("batches/<uuid:batch>/undo/", views.undo, name="work-undo"),
    path("mine/", views.my_work, name="my-work"),
    path("calls/", campaign_views.calls, name="work-calls"),
    path("calls/sheet/", campaign_views.call_sheet, name="work-call-sheet"),
    path("calls/back/", campaign_views.calls_back, name="work-calls-back"),
    path("comparison/", comparison_views.comparison, name="comparison"),
    path("comparison/run/", comparison_views.compare, name="compare"),
    path("comparison/rows/", comparison_views.finding_rows, name="findings"),
    path("comparison/balance/", comparison_views.balance, name="balance"),
    path("comparison/<str:source>/", comparison_views.vital, name="vital"),
    path("prelist/", prelist_views.page, name="prelist"),
    path("prelist/make/", prelist_views.make, name="prelist-make"),
    path("prelist/take-back/", prelist_views.take_back, name="prelist-back"),
    path("sheet/", views.sheet, name="work-sheet"),
]
