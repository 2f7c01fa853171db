"""How an upload is to be done: the arguments of the public functions as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from smnotebook.errors import UsageError
from smnotebook.frame.batches import check_clear
from smnotebook.frame.house_rules import HouseRules

__all__ = ["Consent", "OnErrors", "Options", "UploadArguments"]

OnErrors = Literal["raise", "skip"]


class UploadArguments(TypedDict, total=False):
    """Arguments that a plan and an upload share; see :func:`smnotebook.upload.upload_products`."""

    errors: OnErrors
    clear: Sequence[str]
    changed_only: bool
    force: Sequence[object]
    rules: HouseRules | None
    allow_empty: bool
    allow_overwrite: bool
    allow_live: bool
    allow_new_ids: bool
    allow_currency: bool
    over_running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the caller has said yes to by name; see :mod:`smnotebook.upload.guards`.

    Attributes
    ----------
    over_running : bool
        Send what an earlier run that still lives has under way.
    """

    empty: bool = False
    overwrite: bool = False
    live: bool = False
    new_ids: bool = False
    currency: bool = False
    over_running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller asked for; see :func:`smnotebook.upload.upload_products`."""

    errors: OnErrors = "raise"
    clear: tuple[str, ...] = ()
    changed_only: bool = True
    force: tuple[str, ...] = ()
    rules: HouseRules | None = None
    consent: Consent = Consent()

    @classmethod
    def checked(
        cls,
        *,
        errors: OnErrors,
        clear: Sequence[str],
        changed_only: bool,
        force: Sequence[object],
        consent: Consent,
        rules: HouseRules | None = None,
    ) -> Options:
        """The options, if each is one there is.

        Raises
        ------
        UsageError
            Naming the argument and what it takes.
        """
        if errors not in ("raise", "skip"):
            raise UsageError(f"errors={errors!r}: choose 'raise' or 'skip'.")
        if isinstance(clear, str) or isinstance(force, str):
            raise UsageError("clear and force take a list: clear=['discountPrice'], force=['1234'].")
        check_clear(clear)
        return cls(
            errors=errors,
            clear=tuple(clear),
            changed_only=changed_only,
            force=tuple(map(str, force)),
            rules=rules,
            consent=consent,
        )
