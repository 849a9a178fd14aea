"""Where the pages are; the block's own services are under /api, as on the platform."""

from __future__ import annotations

from django.urls import include, path

from host import views

urlpatterns = [
    path("enter/<username>", views.enter),
    path("block/<name>/<view>", views.block),
    path("gradebook", views.gradebook),
    path("api/", include("lti_consumer.plugin.urls", namespace="lti_consumer")),
]
