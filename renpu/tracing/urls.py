from renpu.tracing import call_urls

urlpatterns = [*call_urls.urlpatterns]
