from django.urls import path

from renpu.registers import views, views_life, views_mapping, views_places, views_quality

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("take-in/", views.take_in, name="deliver"),
    path("addresses/", views_places.queue, name="delivery-addresses"),
    path("addresses/<int:id>/", views_places.address, name="delivery-address"),
    path("addresses/<int:id>/decide/", views_places.decide, name="delivery-address-decide"),
    path("addresses/settled/", views_places.decisions, name="delivery-address-decisions"),
    path("addresses/settled/<uuid:id>/undo/", views_places.undo, name="delivery-address-undo"),
    path("quality/", views_quality.overview, name="delivery-quality"),
    path("quality/conflicts/", views_quality.conflict_list, name="delivery-conflicts"),
    path("mappings/", views_mapping.mappings, name="delivery-mappings"),
    path("mappings/<uuid:id>/", views_mapping.edit, name="delivery-mapping-edit"),
    path("mappings/<uuid:id>/forget/", views_mapping.forget, name="delivery-mapping-forget"),
    path("files/<uuid:id>/", views_mapping.columns, name="delivery-mapping"),
    path("files/<uuid:id>/drop/", views_mapping.forget_file, name="delivery-file-drop"),
    path("<uuid:id>/", views.delivery, name="delivery"),
    path("<uuid:id>/accept/", views.accept, name="delivery-accept"),
    path("<uuid:id>/refuse/", views.refuse, name="delivery-refuse"),
    path("<uuid:id>/place/", views_life.place, name="delivery-place"),
    path("<uuid:id>/blocks/", views_life.block_list, name="delivery-blocks"),
    path("<uuid:id>/blocks/<str:block>/", views_life.block, name="delivery-block"),
    path("<uuid:id>/blocks/<str:block>/hand-out/", views_life.hand_out, name="delivery-hand-out"),
    path("<uuid:id>/keep/", views_life.keep, name="delivery-keep"),
    path("<uuid:id>/destroy/", views_life.confirm, name="delivery-destroy"),
    path("<uuid:id>/destroy/done/", views_life.destroy, name="delivery-destroyed"),
    path("<uuid:id>/certificate/", views_life.certificate_page, name="delivery-certificate"),
    path("<uuid:id>/certificate.docx", views_life.certificate_word, name="delivery-certificate-word"),
]
