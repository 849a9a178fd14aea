"""A whole course by the client of openapi-generator; run with its folder, the API, a token and a receiver."""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from uuid import uuid4

folder, address, token, receiver = sys.argv[1:]
sys.path.insert(0, folder)

import made as m  # noqa: E402 - its folder is an argument

client = m.ApiClient(m.Configuration(host=address, access_token=token))
assignments, attempts, courses = m.AssignmentsApi(client), m.AttemptsApi(client), m.CoursesApi(client)
extensions, marks, regrades = m.ExtensionsApi(client), m.MarksApi(client), m.RegradesApi(client)
results, students, submissions = m.ResultsApi(client), m.StudentsApi(client), m.SubmissionsApi(client)
webhooks = m.WebhooksApi(client)


def wait_for(regrade: int, state: str) -> Any:
    for _ in range(600):
        found = regrades.show_regrade(regrade)
        if found.state == state:
            return found
        time.sleep(0.1)
    raise TimeoutError(state)


def tag_of(answer: Any) -> str:
    return next(value for name, value in answer.headers.items() if name.lower() == "etag")


def wait_for_deliveries() -> Any:
    for _ in range(600):
        found = webhooks.list_deliveries(hook.id)
        if all(one.state == "sent" for one in found.items):
            return found
        time.sleep(0.1)
    raise TimeoutError("sent")


key = uuid4().hex
course = courses.create_course(m.NewCourse(title="By another client"), idempotency_key=key)
again = courses.create_course(m.NewCourse(title="By another client"), idempotency_key=key)
hook = webhooks.create_webhook(m.NewWebhook(course_id=course.id, url=receiver, events=["submission.graded"]))
student = students.enrol_student(course.id, m.NewStudent(login="ben"))
chosen = [m.ChosenGiven(id="jacobian-polynomial-map", points=4)]
assignment = assignments.create_assignment(course.id, m.NewAssignment(title="Week 1", problems=chosen, tries=3))
tag = tag_of(assignments.show_assignment_with_http_info(assignment.id))
changed = assignments.change_assignment(assignment.id, tag, m.ChangedAssignment(tries=5))
try:
    assignments.change_assignment(assignment.id, tag, m.ChangedAssignment(tries=6))
    refused = 0
except m.ApiException as error:
    refused = json.loads(error.body)["status"]
attempt = attempts.open_attempts(assignment.id, student.id).items[0]
wrong = m.NewSubmission(responses={"jacobian": "[[1, 2], [3, 4]]"})
right = m.NewSubmission(responses={part.id: part.answer for part in attempt.variant.parts})
first = submissions.submit(attempt.id, wrong)
second = submissions.submit(attempt.id, right, idempotency_key="right")
found = submissions.show_submission(second.id)
tag = tag_of(extensions.show_extension_with_http_info(assignment.id, student.id))
extended = extensions.put_extension(assignment.id, student.id, tag, m.NewExtension(tries=9))
mark = m.NewMark(points=1, comment="The shape is right.", reason="A slip.")
marked = marks.put_mark(first.id, "jacobian", "*", mark)
regrade = regrades.propose_regrade(assignment.id, new_regrade=m.NewRegrade(policy="exact", basis="engine"))
wait_for(regrade.id, "ready")
regrades.apply_regrade(regrade.id)
applied = wait_for(regrade.id, "applied")
table = results.assignment_results(assignment.id)
deliveries = wait_for_deliveries()
sys.stdout.write(
    json.dumps(
        {
            "same": course.id == again.id,
            "tries": [changed.tries, extended.tries],
            "refused": refused,
            "score": [found.score, found.max_score],
            "state": found.state,
            "mark": [marked.points, marked.author],
            "regrade": applied.state,
            "points": table.items[0].points,
            "deliveries": len(deliveries.items),
            "secret": hook.secret,
        }
    )
)
