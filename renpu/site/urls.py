from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path, re_path
from django.views.i18n import set_language

from renpu.site.views import SignIn, alive, field_client

urlpatterns = [
    path("sign-in/", login_not_required(SignIn.as_view()), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", login_not_required(set_language), name="language"),
    path("alive", alive, name="alive"),
    re_path(r"^app/(?P<path>.*)$", field_client, name="field"),
    path("", include("renpu.monitoring.urls")),
    path("", include("renpu.collection.urls")),
    path("", include("renpu.editing.urls")),
    path("registers/", include("renpu.registers.urls")),
    path("linkage/", include("renpu.linkage.urls")),
    path("coverage/", include("renpu.coverage.urls")),
    path("tracing/", include("renpu.tracing.urls")),
]
