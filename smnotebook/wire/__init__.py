"""HTTP: one connection that signs, sends, judges and tries again. The only place that knows requests."""

from smnotebook.wire.addresses import checked_base_url, is_loopback_url
from smnotebook.wire.answers import Answer
from smnotebook.wire.attempts import AttemptDetails
from smnotebook.wire.authentication import ApiKeyHeader, Authenticator, SecretBody, SecretInBodyWarning, SignedBody
from smnotebook.wire.connection import Connection, Quota
from smnotebook.wire.consequences import CalledOff, Consequence, RowsEnd, RunGoes, consequence_of
from smnotebook.wire.key_calls import end_key, request_key
from smnotebook.wire.retry import Decision, RetryPolicy, Stop, Wait
from smnotebook.wire.transport import RawAnswer, RequestsTransport, Timeout, Transport

__all__ = [
    "Answer",
    "ApiKeyHeader",
    "AttemptDetails",
    "Authenticator",
    "CalledOff",
    "Connection",
    "Consequence",
    "Decision",
    "Quota",
    "RawAnswer",
    "RequestsTransport",
    "RetryPolicy",
    "RowsEnd",
    "RunGoes",
    "SecretBody",
    "SecretInBodyWarning",
    "SignedBody",
    "Stop",
    "Timeout",
    "Transport",
    "Wait",
    "checked_base_url",
    "consequence_of",
    "end_key",
    "is_loopback_url",
    "request_key",
]
