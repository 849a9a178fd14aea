"""What the roles of a launch come to in a course."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


class CourseRole(StrEnum):
    """What somebody is in a course of ours; a role that we do not know gives no privilege."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    INSTRUCTOR = "instructor"


_MEANINGS = {
    f"{MEMBERSHIP}#Instructor": CourseRole.INSTRUCTOR,
    f"{MEMBERSHIP}#Administrator": CourseRole.INSTRUCTOR,
    f"{MEMBERSHIP}#ContentDeveloper": CourseRole.INSTRUCTOR,
    f"{MEMBERSHIP}/Instructor#TeachingAssistant": CourseRole.ASSISTANT,
    f"{MEMBERSHIP}/Instructor#Grader": CourseRole.ASSISTANT,
    "Instructor": CourseRole.INSTRUCTOR,
    "Administrator": CourseRole.INSTRUCTOR,
    "ContentDeveloper": CourseRole.INSTRUCTOR,
    "TeachingAssistant": CourseRole.ASSISTANT,
}
"""Roles in the course alone: somebody who administers the institution has no say in a course."""
_SUB_ROLES_OF_INSTRUCTORS = f"{MEMBERSHIP}/Instructor#"


def course_role(roles: Iterable[str]) -> CourseRole:
    """The role with the most rights among those of a launch.

    Assistants are sent as instructors, too, with the sub-role that says what they are.

    >>> course_role([f"{MEMBERSHIP}#Learner"]), course_role(["Instructor"]), course_role(["Emperor"])
    (<CourseRole.STUDENT: 'student'>, <CourseRole.INSTRUCTOR: 'instructor'>, <CourseRole.STUDENT: 'student'>)
    """
    found = {_meaning(role) for role in roles}
    if CourseRole.ASSISTANT in found:
        return CourseRole.ASSISTANT
    return CourseRole.INSTRUCTOR if CourseRole.INSTRUCTOR in found else CourseRole.STUDENT


def _meaning(role: str) -> CourseRole:
    if role in _MEANINGS:
        return _MEANINGS[role]
    return CourseRole.INSTRUCTOR if role.startswith(_SUB_ROLES_OF_INSTRUCTORS) else CourseRole.STUDENT
