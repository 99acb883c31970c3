from django.urls import path

from renpu.linkage import finding, views

urlpatterns = [
    path("search/", finding.find, name="search"),
    path("pairs/", views.clerical_list, name="pairs"),
    path("pairs/work/", views.work, name="pairs-work"),
    path("pairs/undo/", views.undo, name="pairs-undo"),
    path("pairs/clear/", views.clear, name="pairs-clear"),
    path("pairs/agreement/", views.agreement, name="pairs-agreement"),
    path("pairs/<uuid:id>/", views.pair, name="pair"),
    path("pairs/<uuid:id>/decide/", views.decide, name="pair-decide"),
]
