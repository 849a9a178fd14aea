"""Webhooks: addresses that are told of what happens in a course."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import url_for
from pydantic import ConfigDict, Field

from grader.services import webhooks
from grader.services.access import Actor
from grader.services.webhooks import KINDS, LONGEST_ADDRESS
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import Given, Moment, Paging, Shown
from grader.web.state import database, state

Event = Literal["submission.graded", "grade.changed", "regrade.applied", "regrade.undone"]
URL = "https://lms.example/hooks/grader"


class NewWebhook(Given):
    """An address to tell of a course's events."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"course_id": 1, "url": URL, "events": ["submission.graded"]}]}
    )

    course_id: int = Field(ge=1, lt=2**63)
    url: str = Field(min_length=1, max_length=LONGEST_ADDRESS, description="Where messages are posted, https or http.")
    events: list[Event] = Field(min_length=1, max_length=len(KINDS), description="What it is told of.")


class WebhookShown(Shown):
    """A webhook; `secret` verifies its messages and is shown once, when it is made or replaced."""

    id: int
    course_id: int
    url: str = Field(examples=[URL])
    events: list[str] = Field(examples=[["submission.graded"]])
    is_active: bool = Field(description="Whether messages are sent to it.")
    reason: str = Field(description="Why nothing is sent to it any longer.")
    created: Moment
    secret: Annotated[str, Field(description="Empty unless it was just made.", examples=["whsec_…"])]


class WebhookList(Shown):
    """A page of webhooks."""

    items: list[WebhookShown]


class DeliveryShown(Shown):
    """One message to one address; it is tried for a day, with longer and longer pauses."""

    id: int
    message_id: str = Field(description="The header `webhook-id`, the same at every try.", examples=["msg_5d0e…"])
    event: str = Field(examples=["submission.graded"])
    state: str = Field(description="waiting, sent or failed.", examples=["sent"])
    tries: int
    status: int = Field(description="What was answered last; 0: nothing.", examples=[204])
    reason: str = Field(description="Why the last try failed.")
    created: Moment
    due: Moment = Field(description="When it is tried next, while it waits.")
    sent: Moment | None


class DeliveryList(Shown):
    """A page of deliveries."""

    items: list[DeliveryShown]


def list_webhooks(actor: Actor, query: Paging) -> Reply:
    """The webhooks of all courses in which the token's person is an instructor."""
    shown, headers = page(webhooks.list_webhooks(database(), actor), query, lambda one: one.id)
    return Reply(WebhookList(items=[WebhookShown.model_validate(one) for one in shown]), headers=headers)


def create_webhook(actor: Actor, body: NewWebhook) -> Reply:
    """A new webhook, with its secret."""
    secret = state().config.secret_key
    made = webhooks.create_webhook(
        database(), state().clock, actor, secret, body.course_id, body.url, list(body.events)
    )
    location = url_for("api.show_webhook", webhook_id=made.id)
    return Reply(WebhookShown.model_validate(made), 201, {"Location": location})


def show_webhook(actor: Actor, webhook_id: int) -> Reply:
    """One webhook."""
    return Reply(WebhookShown.model_validate(webhooks.webhook(database(), actor, webhook_id)))


def delete_webhook(actor: Actor, webhook_id: int) -> Reply:
    """Tell it nothing any longer."""
    webhooks.delete_webhook(database(), state().clock, actor, webhook_id)
    return Reply(None, 204)


def rotate_secret(actor: Actor, webhook_id: int) -> Reply:
    """The webhook with a new secret."""
    found = webhooks.rotate_secret(database(), state().clock, actor, state().config.secret_key, webhook_id)
    return Reply(WebhookShown.model_validate(found))


def list_deliveries(actor: Actor, webhook_id: int, query: Paging) -> Reply:
    """The newest messages."""
    shown, headers = page(webhooks.list_deliveries(database(), actor, webhook_id), query, lambda one: one.id)
    return Reply(DeliveryList(items=[DeliveryShown.model_validate(one) for one in shown]), headers=headers)


def resend_delivery(actor: Actor, webhook_id: int, delivery_id: int) -> Reply:
    """A message that is sent once more."""
    found = webhooks.send_again(database(), state().clock, actor, webhook_id, delivery_id)
    location = url_for("api.list_deliveries", webhook_id=webhook_id)
    return Reply(DeliveryShown.model_validate(found), 202, {"Location": location, "Retry-After": "5"})


ROUTES = (
    Route(
        "GET",
        "/webhooks",
        list_webhooks,
        "webhooks:read",
        "List webhooks",
        {200: WebhookList},
        description="Those of all courses in which the token's person is an instructor.",
        query=Paging,
        gives={"webhook_id": "/items/0/id"},
    ),
    Route(
        "POST",
        "/webhooks",
        create_webhook,
        "webhooks:write",
        "Create a webhook",
        {201: WebhookShown},
        description="For instructors of the course. The secret is in this answer and never shown again.",
        body=NewWebhook,
        errors=(404, 409),
        takes_key=True,
        gives={"webhook_id": "/id"},
    ),
    Route(
        "GET",
        f"/webhooks/<{ID}:webhook_id>",
        show_webhook,
        "webhooks:read",
        "Show a webhook",
        {200: WebhookShown},
        errors=(404,),
    ),
    Route(
        "POST",
        f"/webhooks/<{ID}:webhook_id>/secret",
        rotate_secret,
        "webhooks:write",
        "Replace the secret of a webhook",
        {200: WebhookShown},
        description="For a day messages are signed with both secrets, so that none is refused meanwhile.",
        errors=(404, 409),
        takes_key=True,
    ),
    Route(
        "GET",
        f"/webhooks/<{ID}:webhook_id>/deliveries",
        list_deliveries,
        "webhooks:read",
        "List the deliveries of a webhook",
        {200: DeliveryList},
        description="The newest 100 messages.",
        query=Paging,
        errors=(404,),
        gives={"delivery_id": "/items/0/id"},
    ),
    Route(
        "POST",
        f"/webhooks/<{ID}:webhook_id>/deliveries/<{ID}:delivery_id>/resend",
        resend_delivery,
        "webhooks:write",
        "Send a message again",
        {202: DeliveryShown},
        errors=(404, 409),
    ),
    Route(
        "DELETE",
        f"/webhooks/<{ID}:webhook_id>",
        delete_webhook,
        "webhooks:write",
        "Delete a webhook",
        {204: None},
        description="Nothing is sent to it any longer, not even what still waits.",
        errors=(404,),
    ),
)
