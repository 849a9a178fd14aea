"""A whole course by the client of openapi-python-client; run with its folder, the API, a token and a receiver."""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from uuid import uuid4

folder, address, token, receiver = sys.argv[1:]
sys.path.insert(0, folder)

import made  # noqa: E402 - its folder is an argument
from made import models  # noqa: E402
from made.api.assignments import change_assignment, create_assignment, show_assignment  # noqa: E402
from made.api.attempts import open_attempts  # noqa: E402
from made.api.courses import create_course  # noqa: E402
from made.api.extensions import put_extension, show_extension  # noqa: E402
from made.api.marks import put_mark  # noqa: E402
from made.api.regrades import apply_regrade, propose_regrade, show_regrade  # noqa: E402
from made.api.results import assignment_results  # noqa: E402
from made.api.students import enrol_student  # noqa: E402
from made.api.submissions import show_submission, submit  # noqa: E402
from made.api.webhooks import create_webhook, list_deliveries  # noqa: E402

client = made.AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)


def done(route: Any, kind: type, *values: Any, **named: Any) -> Any:
    """What a route replies, which must be of this kind."""
    found = route.sync(*values, client=client, **named)
    assert isinstance(found, kind), found
    return found


def wait_for(regrade: int, state: str) -> Any:
    for _ in range(600):
        found = done(show_regrade, models.RegradeShown, regrade)
        if found.state == state:
            return found
        time.sleep(0.1)
    raise TimeoutError(state)


def wait_for_deliveries() -> Any:
    for _ in range(600):
        found = done(list_deliveries, models.DeliveryList, hook.id)
        if all(one.state == "sent" for one in found.items):
            return found
        time.sleep(0.1)
    raise TimeoutError("sent")


key = uuid4().hex
course = done(create_course, models.Course, body=models.NewCourse("By a client"), idempotency_key=key)
again = done(create_course, models.Course, body=models.NewCourse("By a client"), idempotency_key=key)
hook = done(
    create_webhook,
    models.WebhookShown,
    body=models.NewWebhook(course.id, receiver, [models.NewWebhookEventsItem("submission.graded")]),
)
student = done(enrol_student, models.Student, course.id, body=models.NewStudent("ada"))
chosen = [models.ChosenGiven(id="jacobian-polynomial-map", points=4)]
assignment = done(
    create_assignment, models.AssignmentShown, course.id, body=models.NewAssignment("Week 1", chosen, tries=3)
)
tag = show_assignment.sync_detailed(assignment.id, client=client).headers["ETag"]
changed = done(
    change_assignment, models.AssignmentShown, assignment.id, body=models.ChangedAssignment(tries=5), if_match=tag
)
refused = change_assignment.sync(assignment.id, client=client, body=models.ChangedAssignment(tries=6), if_match=tag)
assert isinstance(refused, models.ProblemDetails), refused
attempt = done(open_attempts, models.AttemptList, assignment.id, student.id, body=models.OpenAttempts()).items[0]
wrong = models.NewSubmissionResponses.from_dict({"jacobian": "[[1, 2], [3, 4]]"})
right = models.NewSubmissionResponses.from_dict({part.id: part.answer for part in attempt.variant.parts})
first = done(submit, models.SubmissionShown, attempt.id, body=models.NewSubmission(wrong))
second = done(submit, models.SubmissionShown, attempt.id, body=models.NewSubmission(right), idempotency_key="right")
found = done(show_submission, models.SubmissionShown, second.id)
tag = show_extension.sync_detailed(assignment.id, student.id, client=client).headers["ETag"]
extended = done(
    put_extension,
    models.ExtensionShown,
    assignment.id,
    student.id,
    body=models.NewExtension(tries=9),
    if_match=tag,
)
mark = models.NewMark(points=1, comment="The shape is right.", reason="A slip.")
marked = done(put_mark, models.MarkShown, first.id, "jacobian", body=mark, if_match="*")
regrade = done(
    propose_regrade,
    models.RegradeShown,
    assignment.id,
    body=models.NewRegrade(policy=models.NewRegradePolicy("exact"), basis=models.NewRegradeBasis("engine")),
)
wait_for(regrade.id, "ready")
done(apply_regrade, models.RegradeShown, regrade.id)
applied = wait_for(regrade.id, "applied")
table = done(assignment_results, models.ResultPage, assignment.id)
deliveries = wait_for_deliveries()
sys.stdout.write(
    json.dumps(
        {
            "same": course.id == again.id,
            "tries": [changed.tries, extended.tries],
            "refused": refused.status,
            "score": [found.score, found.max_score],
            "state": str(found.state),
            "mark": [marked.points, marked.author],
            "regrade": str(applied.state),
            "points": table.items[0].points,
            "deliveries": len(deliveries.items),
            "secret": hook.secret,
        }
    )
)
