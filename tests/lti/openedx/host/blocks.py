"""The course's blocks: the LTI consumer, set as an author sets it in Studio, bound to who asks."""

from __future__ import annotations

from typing import Any

from crum import get_current_user
from django.conf import settings
from opaque_keys.edx.keys import UsageKey
from xblock.core import XBlockMixin
from xblock.fields import Boolean, DateTime, Scope, ScopeIds, Timedelta
from xblock.reference.user_service import XBlockUser
from xblock.runtime import DictKeyValueStore, KvsFieldData, MemoryIdManager, NullI18nService, Runtime

from host.models import ExternalId, Grade

COURSE = "course-v1:Demo+Calculus+2026"
PASSPORT = "6f1c1a52-6d5e-4d0c-9a53-3a0c4f6c7d11"
"""Blocks that were made by duplicating one share its keys and its client ID."""
STATE = KvsFieldData(DictKeyValueStore())

LAUNCH, LOGIN, KEYS = (f"{settings.TOOL}/lti/{name}" for name in ("launch", "login", "keys"))
SET = {
    "lti_version": "lti_1p3",
    "lti_1p3_passport_id": PASSPORT,
    "lti_1p3_launch_url": LAUNCH,
    "lti_1p3_oidc_url": LOGIN,
    "lti_1p3_tool_key_mode": "keyset_url",
    "lti_1p3_tool_keyset_url": KEYS,
    "lti_1p3_enable_nrps": True,
    "ask_to_send_full_name": True,
    "has_score": True,
}
LINKING = {"lti_advantage_deep_linking_enabled": True, "lti_advantage_deep_linking_launch_url": LAUNCH}
PROGRAMMATIC = {"weight": 10.0, "lti_advantage_ags_mode": "programmatic"}
BLOCKS = {
    **dict.fromkeys(("opened", "declarative", "twice", "rotated"), SET),
    **dict.fromkeys(("linked", "several"), SET | LINKING),
    "programmatic": SET | PROGRAMMATIC,
}


class CourseFields(XBlockMixin):
    """What every block of a course has."""

    start = DateTime(default=None, scope=Scope.settings)
    due = DateTime(default=None, scope=Scope.settings)
    graceperiod = Timedelta(default=None, scope=Scope.settings)
    graded = Boolean(default=True, scope=Scope.settings)


class UserService:
    """Who is asking."""

    def get_current_user(self) -> XBlockUser:
        user = get_current_user()
        known = XBlockUser(is_current_user=True)
        known.opt_attrs["edx-platform.is_authenticated"] = bool(user and user.is_authenticated)
        if user and user.is_authenticated:
            known.full_name, known.emails = user.profile.name, [user.email]
            known.opt_attrs["edx-platform.user_id"] = user.id
            known.opt_attrs["edx-platform.username"] = user.username
            known.opt_attrs["edx-platform.user_role"] = user.member.role
            known.opt_attrs["edx-platform.user_is_staff"] = user.is_staff
        return known

    def get_external_user_id(self, type_name: str) -> str:
        user = get_current_user()
        return str(ExternalId.batch_get_or_create_user_ids([user], type_name)[user.id].external_user_id)


class Rebinding:
    """Gives a block that nobody is bound to the state of one person."""

    def rebind_noauth_module_to_user(self, block: Any, user: Any) -> None:
        bind(block, user)


class CourseRuntime(Runtime):
    """Runs blocks, and takes their grades into the gradebook."""

    def __init__(self) -> None:
        ids = MemoryIdManager()
        services = {
            "field-data": STATE,
            "user": UserService(),
            "rebind_user": Rebinding(),
            "i18n": NullI18nService(),
        }
        super().__init__(ids, ids, mixins=(CourseFields,), services=services)

    def handler_url(self, block: Any, handler_name: str, *_: Any, **__: Any) -> str:
        return f"{settings.ADDRESS}/xblock/{block.scope_ids.usage_id}/handler/{handler_name}"

    def resource_url(self, resource: str) -> str:
        return f"{settings.ADDRESS}/static/{resource}"

    def local_resource_url(self, _block: Any, uri: str) -> str:
        return self.resource_url(uri)

    def publish(self, block: Any, event_type: str, event_data: dict[str, Any]) -> None:
        if event_type == "grade":
            values = {"value": event_data["value"], "maximum": event_data["max_value"]}
            where = {"user_id": event_data["user_id"], "block": block.scope_ids.usage_id.block_id}
            Grade.objects.update_or_create(**where, defaults=values)


def location(name: str) -> UsageKey:
    return UsageKey.from_string(f"block-v1:{COURSE.partition(':')[2]}+type@lti_consumer+block@{name}")


def load(usage_key: UsageKey) -> Any:
    """A block, bound to who asks."""
    user = get_current_user()
    ids = ScopeIds(getattr(user, "id", None), "lti_consumer", usage_key, usage_key)
    return CourseRuntime().construct_xblock("lti_consumer", ids)


def bind(block: Any, user: Any) -> None:
    block.scope_ids = block.scope_ids._replace(user_id=user.id)


def publish_course() -> None:
    """Save the blocks as their author has set them."""
    for name, fields in BLOCKS.items():
        block = load(location(name))
        for field, value in fields.items():
            setattr(block, field, value)
        block.display_name = name.title()
        block.save()
