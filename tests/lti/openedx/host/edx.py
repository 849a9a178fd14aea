"""The modules of the platform that the block imports when it is asked for something, under their own names."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

from django.contrib.auth import get_user_model

from host import blocks
from host.models import ExternalId, Member

STAFF = "staff"


class CourseWaffleFlag:
    """A switch of the platform; all that the block asks for are off, as they are from the start."""

    def __init__(self, name: str, module: str) -> None:
        self.name, self.module = name, module

    def is_enabled(self, _course_key: Any = None) -> bool:
        return False


class OverEnrollmentLimitException(Exception):
    """More people than the platform tells tools of."""


def modulestore() -> SimpleNamespace:
    return SimpleNamespace(get_item=blocks.load, update_item=lambda block, _user: block.save())


def get_block_for_descriptor(*, user: Any, block: Any, **_: Any) -> Any:
    blocks.bind(block, user)
    return block


def get_course_by_id(_course_key: Any) -> SimpleNamespace:
    return SimpleNamespace(display_name_with_default="Calculus", display_org_with_default="Demo", lti_passports=[])


def is_member(_course: Any, user: Any, *_: Any, **__: Any) -> bool:
    return Member.objects.filter(user_id=user.id).exists()


def has_access(user: Any, _action: str, _block: Any, _course_key: Any) -> bool:
    return is_member(None, user)


def has_studio_write_access(user: Any, _course_key: Any) -> bool:
    return Member.objects.filter(user_id=user.id, role=STAFF).exists()


def get_course_members(_course_key: Any) -> dict[int, dict[str, Any]]:
    people = get_user_model().objects.filter(member__isnull=False).select_related("profile", "member")
    return {
        user.id: {
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "name": user.profile.name,
            "roles": [user.member.role],
        }
        for user in people
    }


PROVIDED: dict[str, dict[str, Any]] = {
    "openedx.core.djangoapps.waffle_utils": {"CourseWaffleFlag": CourseWaffleFlag},
    "openedx.core.djangoapps.xblock.api": {},
    "openedx.core.djangoapps.xblock": {"api": None},
    "openedx.core.djangoapps.external_user_ids.models": {"ExternalId": ExternalId},
    "openedx.core.lib.courses": {"get_course_by_id": get_course_by_id},
    "xmodule.modulestore.django": {"modulestore": modulestore},
    "lms.djangoapps.courseware.block_render": {"get_block_for_descriptor": get_block_for_descriptor},
    "lms.djangoapps.courseware.access": {"has_access": has_access},
    "lms.djangoapps.courseware.courses": {"check_course_access": is_member},
    "lms.djangoapps.course_api.api": {"get_course_members": get_course_members},
    "lms.djangoapps.course_api.exceptions": {"OverEnrollmentLimitException": OverEnrollmentLimitException},
    "common.djangoapps.student.auth": {"has_studio_write_access": has_studio_write_access},
}


def provide() -> None:
    """Put the modules where the block looks for them."""
    for name, values in PROVIDED.items():
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            path = ".".join(parts[:depth])
            module = sys.modules.setdefault(path, ModuleType(path))
            module.__path__ = []
            if depth > 1:
                setattr(sys.modules[".".join(parts[: depth - 1])], parts[depth - 1], module)
        vars(sys.modules[name]).update({key: value for key, value in values.items() if value is not None})
