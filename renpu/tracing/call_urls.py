"""Addresses of calls, units and virtual buildings."""

from django.urls import path

from renpu.tracing import call_views, public_views, unit_views

urlpatterns = [
    path("calls/", call_views.call_list, name="calls"),
    path("calls/list/", call_views.make_list, name="call-list"),
    path("calls/begin/", call_views.begin, name="call-begin"),
    path("calls/<uuid:item_id>/", call_views.call, name="call"),
    path("campaigns/", call_views.make_campaign, name="campaign-make"),
    path("campaigns/<uuid:id>/", call_views.campaign, name="campaign"),
    path("campaigns/<uuid:id>/sheet/", call_views.sheet, name="campaign-sheet"),
    path("virtual/", unit_views.virtual_buildings, name="virtual"),
    path("virtual/make/", unit_views.make_virtual, name="virtual-make"),
    path("virtual/move/", unit_views.move, name="virtual-move"),
    path("workload/", unit_views.workload_page, name="workload"),
    path("units/", unit_views.unit_list, name="units"),
    path("units/make/", unit_views.make_unit, name="unit-make"),
    path("units/<uuid:id>/", unit_views.unit, name="unit"),
    path("units/<uuid:id>/link/", unit_views.make_link, name="unit-link"),
    path("units/<uuid:id>/revoke/", unit_views.revoke_link, name="unit-revoke"),
    path("units/<uuid:id>/talk/", unit_views.talk, name="unit-talk"),
    path("units/<uuid:id>/list/", unit_views.roster, name="unit-roster"),
    path("units/<uuid:id>/list/<uuid:delivery>/", unit_views.take_over, name="unit-take-over"),
    path("units/<uuid:id>/slips/", unit_views.slips, name="unit-slips"),
    path("units/<uuid:id>/remind/", unit_views.remind, name="unit-remind"),
    path("units/<uuid:id>/close/", unit_views.close, name="unit-close"),
    path("unit/<str:token>/", public_views.contact, name="unit-contact"),
    path("answer/", public_views.enter, name="answer"),
    path("answer/form/", public_views.form, name="answer-form"),
]
