"""Every exception this package raises, in one tree.

::

    SmnotebookError
    ├── UsageError                 the caller asked for something that can't be
    │   ├── ConfirmationNeeded     it can be, once an argument says so by name
    │   ├── PlanOutdated           the frame or the ledger moved on since the plan was made
    │   └── NotConfigured          no such profile, or a profile without a key
    ├── DataError                  the data can't be sent as it is
    │   ├── PreflightFailed        carries the PreflightReport
    │   ├── OpenQuestions          texts that can be read in two ways; carries the questions
    │   └── FeedError              the file is no table, or not the one it claims to be
    ├── LedgerError                the local record can't be read or written
    ├── SandboxError               the embedded sandbox didn't start or stop
    └── ApiError                   the conversation with the server
        ├── ServerUnreachable      nothing came back: no connection, timeout, cut off
        ├── BadAnswer              something came back that no client can read
        ├── Throttled              429 or 503, and the attempts ran out
        ├── Refused                a reason code: the request was understood and declined
        │   ├── AuthenticationFailed   reason code 10, HTTP 401 or 403
        │   ├── UnknownIdentifier      reason code 16
        │   └── LimitReached           reason code 19
        └── UploadFailed           the upload ended and not all was accepted; carries the UploadReport
            └── UploadNotAuthenticated     the key was refused
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smnotebook.contract.reasons import Violation
    from smnotebook.values.questions import Question

__all__ = [
    "ApiError",
    "AuthenticationFailed",
    "BadAnswer",
    "ConfirmationNeeded",
    "DataError",
    "FeedError",
    "LedgerError",
    "LimitReached",
    "NotConfigured",
    "OpenQuestions",
    "PlanOutdated",
    "PreflightFailed",
    "Refused",
    "SandboxError",
    "ServerUnreachable",
    "SmnotebookError",
    "Throttled",
    "UnknownIdentifier",
    "UploadFailed",
    "UploadNotAuthenticated",
    "UsageError",
]


class SmnotebookError(Exception):
    """The root: catch this to catch everything the package raises on purpose.

    Attributes
    ----------
    earlier_in_doubt : bool
        Whether an earlier attempt of the same call may have been carried out, whatever this last one ended in.
    """

    earlier_in_doubt: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        # the usual way calls the class with args alone, and a worker's error would be lost for want of the others
        return _restore, (type(self), self.args, self.__dict__)


def _restore(kind: type[SmnotebookError], args: tuple[Any, ...], attributes: dict[str, Any]) -> SmnotebookError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class UsageError(SmnotebookError, ValueError):
    """The call can't be carried out as it was made; the message says what to call instead."""


class ConfirmationNeeded(UsageError):
    """The call would do something drastic.

    Attributes
    ----------
    argument : str
        The keyword argument that confirms it.
    """

    def __init__(self, what: str, *, argument: str) -> None:
        self.argument = argument
        super().__init__(f"{what} If that is what you want, say so with {argument}.")


class PlanOutdated(UsageError):
    """A plan was to be sent after the frame or the ledger had changed."""


class NotConfigured(UsageError):
    """A profile is unknown, or has no key."""


class DataError(SmnotebookError, ValueError):
    """The data can't be sent as it is."""


class PreflightFailed(DataError):
    """Preflight found errors and the caller asked for all or nothing; nothing was sent.

    Attributes
    ----------
    report : PreflightReport
        Every finding, to the cell.
    """

    def __init__(self, message: str, *, report: object) -> None:
        self.report = report
        super().__init__(message)


class OpenQuestions(DataError):
    """A required field or a price can be filled or read in two ways, and nothing says which is right.

    Attributes
    ----------
    questions : tuple of Question
        What is asked, with the readings, and with the argument that answers it.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)
        asked = f"{len(self.questions)} {'question is' if len(self.questions) == 1 else 'questions are'} open"
        super().__init__("\n".join([f"{asked}.", *map(str, self.questions)]))


class FeedError(DataError):
    """A file can't be read as a table.

    Attributes
    ----------
    line, column : int or None
        Where, counted from 1, if known.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        self.line = line
        self.column = column
        super().__init__(message)


class LedgerError(SmnotebookError):
    """The local ledger can't be read or written; the message names the file and the way out."""


class SandboxError(SmnotebookError):
    """The embedded sandbox didn't start or stop."""


class ApiError(SmnotebookError):
    """The conversation with the server failed.

    Attributes
    ----------
    status : int or None
        HTTP status, None when nothing came back.
    request_id : str or None
        The server's own id of the request, if it gave one.
    """

    def __init__(self, message: str, *, status: int | None = None, request_id: str | None = None) -> None:
        self.status = status
        self.request_id = request_id
        super().__init__(message)


class ServerUnreachable(ApiError):
    """No answer: whether the request was carried out is unknown when ``maybe_received`` is true.

    Attributes
    ----------
    maybe_received : bool
        False when no byte of the request left this machine, so that nothing can have arrived.
    may_pass : bool
        False when another attempt would end the same way, as with a certificate that is not trusted.
    """

    def __init__(self, message: str, *, maybe_received: bool, may_pass: bool = True) -> None:
        self.maybe_received = maybe_received
        self.may_pass = may_pass
        super().__init__(message)


class BadAnswer(ApiError):
    """The answer is no JSON, is cut off, or lacks what it must hold; never taken for a success."""


class Throttled(ApiError):
    """429 or 503, and the attempts allowed are used up.

    Attributes
    ----------
    retry_after : float or None
        Seconds the server asked to wait, None where it didn't say.
    """

    def __init__(self, message: str, *, status: int, retry_after: float | None) -> None:
        self.retry_after = retry_after
        super().__init__(message, status=status)


class Refused(ApiError):
    """The server understood the request and declined it.

    Attributes
    ----------
    violations : tuple of Violation
        What the server objected to, one entry a problem.
    """

    def __init__(
        self,
        message: str,
        *,
        violations: Sequence[Violation],
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        self.violations = tuple(violations)
        super().__init__(message, status=status, request_id=request_id)


class AuthenticationFailed(Refused):
    """Reason code 10, HTTP 401 or 403: the key is wrong, expired or revoked, or may not do this."""


class UnknownIdentifier(Refused):
    """Reason code 16: an id in the request is not known to the server."""


class LimitReached(Refused):
    """Reason code 19: the account holds as many as it may."""


class UploadFailed(ApiError):
    """An upload ended, and rows are refused, unknown or unsent.

    Attributes
    ----------
    report : UploadReport
        The status of every row.
    """

    def __init__(self, message: str, *, report: object, status: int | None = None) -> None:
        self.report = report
        ApiError.__init__(self, message, status=status)


class UploadNotAuthenticated(UploadFailed, AuthenticationFailed):
    """An upload was given up since the key was refused; an AuthenticationFailed too, and no row is to blame for it."""

    def __init__(
        self, message: str, *, report: object, violations: Sequence[Violation], status: int | None = None
    ) -> None:
        self.violations = tuple(violations)
        super().__init__(message, report=report, status=status)
