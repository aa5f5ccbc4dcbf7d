"""The OpenAPI document: what ninja knows of the routes, and what every answer has in common."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import OpenAPISchema

from stemportal.activities.api.problems import MEDIA_TYPE
from stemportal.activities.api.schemas import Problem

REF = "#/components/schemas/{model}"
DESCRIPTION = """\
Everything that schools can find in the portal, as data. Read only, no key, no login, no cookies.

* Answers have an `ETag`: send it back as `If-None-Match`, and an unchanged answer is a short 304.
* Whoever asks too often gets 429 and, in `Retry-After`, the seconds to wait.
* Unknown parameters, and unknown values of a search, are left out as on the search page. `page`, `limit` and `lang` are
  checked: a wrong one is 422.
* Texts of partners are Markdown, in the language they were written in. Times are UTC.
* The licence of the data does not cover the names of people.
"""
EVERY_ANSWER = {
    "ETag": {"description": "Changes when the answer does.", "schema": {"type": "string"}, "required": True},
    "Cache-Control": {"description": "How long it may be kept.", "schema": {"type": "string"}, "required": True},
    "Access-Control-Allow-Origin": {
        "description": "Always *: any web site may read it.",
        "schema": {"type": "string"},
        "required": True,
    },
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}, "required": True}}
Refused = dict[str, tuple[str, dict[str, Any]]]
PROBLEMS: Refused = {
    "422": ("A parameter has a value it cannot have.", {}),
    "429": ("Asked too often.", RETRY_AFTER),
    "503": ("The portal cannot answer right now.", RETRY_AFTER),
}
NOT_FOUND: Refused = {"404": ("There is no such thing, or it is not public (any more).", {})}


def described(schema: OpenAPISchema) -> OpenAPISchema:
    """Return the document with headers, conditional requests and problems of every operation filled in."""
    schema["info"]["description"] = DESCRIPTION
    problem = Problem.model_json_schema(ref_template=REF, mode="serialization")
    schema["components"]["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
    for path, item in schema["paths"].items():
        for operation in item.values():
            operation["responses"]["200"] = operation["responses"].pop(200) | {"headers": EVERY_ANSWER}
            operation["responses"] |= _refusals(has_arguments="{" in path)
            operation["parameters"] = [*operation["parameters"], _if_none_match()]
    return schema


def _refusals(*, has_arguments: bool) -> dict[str, Any]:
    known = {"304": {"description": "What you have is still right.", "headers": EVERY_ANSWER}}
    refused = NOT_FOUND | PROBLEMS if has_arguments else PROBLEMS
    return known | {
        status: {
            "description": words,
            "headers": headers,
            "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
        }
        for status, (words, headers) in refused.items()
    }


def _if_none_match() -> dict[str, Any]:
    words = "The ETag of the answer that you have."
    return {
        "in": "header",
        "name": "If-None-Match",
        "required": False,
        "schema": {"type": "string"},
        "description": words,
    }
