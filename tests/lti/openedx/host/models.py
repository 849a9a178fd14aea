"""People, who they are in the course, what tools call them, and their grades."""

# ruff: noqa: DJ008 - nobody looks at these rows but the tests

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    name = models.CharField(max_length=200)


class Member(models.Model):
    """Who somebody is in the course: staff or student."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="member")
    role = models.CharField(max_length=50)


class ExternalIdType(models.Model):
    name = models.CharField(max_length=50, unique=True)


class ExternalId(models.Model):
    """What a tool calls somebody."""

    external_user_id = models.UUIDField(default=uuid4, unique=True)
    external_id_type = models.ForeignKey(ExternalIdType, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)

    @classmethod
    def batch_get_or_create_user_ids(cls, users: list[object], type_name: str) -> dict[int, ExternalId]:
        """The ids of all these people, as the platform's own function gives them."""
        kind, _ = ExternalIdType.objects.get_or_create(name=type_name)
        known = {row.user_id: row for row in cls.objects.filter(external_id_type=kind)}
        missing = [cls(external_id_type=kind, user=user) for user in users if user.id not in known]
        return known | {row.user_id: row for row in cls.objects.bulk_create(missing)}


class Grade(models.Model):
    """A cell of the gradebook."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    block = models.CharField(max_length=255)
    value = models.FloatField(null=True)
    maximum = models.FloatField(null=True)

    class Meta:
        unique_together = (("user", "block"),)
