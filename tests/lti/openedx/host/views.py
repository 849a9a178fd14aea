"""The pages of the course: a block as a student and as its author sees it, and the gradebook."""

from __future__ import annotations

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, JsonResponse

from host import blocks
from host.models import Grade


def enter(request: HttpRequest, username: str) -> HttpResponse:
    """Log somebody in; nobody but the tests can reach this host."""
    user = get_user_model().objects.get(username=username)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("logged in")


def block(_request: HttpRequest, name: str, view: str) -> HttpResponse:
    """A block as students see it in the course, or as its author sees it in Studio."""
    shown = blocks.load(blocks.location(name)).render(f"{view}_view", {})
    return HttpResponse(shown.body_html())


def gradebook(_request: HttpRequest) -> JsonResponse:
    """All grades, by block and log-in name."""
    rows = Grade.objects.select_related("user")
    return JsonResponse({f"{row.block}/{row.user.username}": [row.value, row.maximum] for row in rows})
