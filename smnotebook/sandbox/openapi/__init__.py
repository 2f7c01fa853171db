"""The sandbox described as OpenAPI: fields and limits from the contract, answers as they are given."""

from smnotebook.sandbox.openapi.document import describe, route_description

__all__ = ["describe", "route_description"]
