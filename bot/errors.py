"""Everything that can go wrong, as one tree.

MatineeError
├── SettingsError              a setting is missing or wrong; the process must not start
├── KeepsFailing               a loop of ours fails again and again; only a fresh process may help
├── DiscordUnreachable         Discord can't be had just now; trying again later may help
├── Refused                    we refuse, before anything is reserved or sent
│   ├── RequestRefused         the request itself: an option, a file, the prompt
│   ├── NothingCovers          no provider can do what was asked
│   ├── ShotRefused            one shot of a storyboard; says which, and why
│   ├── QuotaExceeded          what the member or the server may make is used up
│   ├── NotFound               no such generation, or not this member's
│   └── IntakeStopped          nothing new is taken just now
├── ProviderError              an answer of a provider, or none
│   ├── NotSent                surely not accepted: nothing left, or it was turned away at the door
│   │   └── ProviderUnavailable   busy or out of order; says when to come back
│   ├── OutcomeUnknown         the call may have been accepted
│   ├── Rejected               the provider says no, and says why
│   │   ├── InputRejected      the parameters or files
│   │   ├── ModerationRejected the content rules
│   │   ├── CreditExhausted    the operator's balance there is used up
│   │   └── KeyRejected        the operator's key is wrong or may not use this model
│   └── TaskNotFound           the provider doesn't know this task
├── DownloadError              the film could not be fetched as a valid file
│   ├── LinkExpired            ask the provider for a fresh link
│   ├── Oversized              larger than we ever take: fetching it again changes nothing
│   └── ForbiddenAddress       the link leads where we never connect
├── DeliveryError              Discord, when we post
│   ├── ChannelClosed          we may not post here, or here is gone: try the next rung
│   │   └── Malformed          Discord takes messages here, but not this one
│   │       └── BadForm        nor would it anywhere else: the fault is ours
│   ├── TooLarge               the file is over what this channel takes
│   └── DiscordUnavailable     no answer, or a passing fault: the message may exist
├── FilesUnavailable           films and members' files can't be kept or had just now
├── MediaError                 a file isn't what it claims to be, or can't be read
└── StoreError
    ├── Conflict               somebody else moved the row first
    │   └── LimitReached       a counter would go over its limit
    └── StoreUnavailable       the database can't take a write
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta


class MatineeError(Exception):
    """Base of every error of ours."""


class SettingsError(MatineeError):
    """A setting is missing or wrong; the text names it and says what to do, and holds no value."""


class KeepsFailing(MatineeError):
    """A loop that must run for ever fails again and again; the text says which, and holds no secret."""


class DiscordUnreachable(MatineeError):
    """Discord can't be had just now; the text says why in one sentence, and holds no secret."""


class Refused(MatineeError):
    """We say no before anything is reserved or sent.

    `code` names a sentence in the catalogue and `facts` fill it, so that words stay in one place.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, object] = facts


class RequestRefused(Refused):
    """An option, a file or the prompt can't be used; `facts` name the culprit and the rule."""


class NothingCovers(Refused):
    """No provider can do what was asked; `reasons` holds one refusal per provider and model."""

    def __init__(self, reasons: Sequence[tuple[str, str, Refused]]) -> None:
        super().__init__("nothing_covers")
        self.reasons = tuple(reasons)


class ShotRefused(Refused):
    """One shot of a storyboard can't be made; `number` says which, from 1, and `reason` why."""

    def __init__(self, number: int, reason: Refused) -> None:
        super().__init__("shot")
        self.number = number
        self.reason = reason


class QuotaExceeded(Refused):
    """A limit is reached; `facts` hold what is left and `resets` says when there is enough, if ever."""

    def __init__(self, code: str, *, resets: datetime | None = None, **facts: object) -> None:
        super().__init__(code, **facts)
        self.resets = resets


class NotFound(Refused):
    """No such generation, or it is somebody else's: the two read the same."""


class IntakeStopped(Refused):
    """Nothing new is taken: the bot is stopping, or can't store it."""


class ProviderError(MatineeError):
    """A provider's answer, or the lack of one. `detail` is for the log, never for a user."""

    def __init__(self, provider: str, detail: str = "") -> None:
        super().__init__(f"{provider}: {detail}" if detail else provider)
        self.provider = provider
        self.detail = detail


class NotSent(ProviderError):
    """The request was surely not accepted, so it may be sent again."""


class ProviderUnavailable(NotSent):
    """Turned away at the door (429), or a read that failed; `retry_after` says when to come back."""

    def __init__(
        self,
        provider: str,
        detail: str = "",
        *,
        retry_after: timedelta | None = None,
        busy: bool = False,
    ) -> None:
        super().__init__(provider, detail)
        self.retry_after = retry_after
        self.busy = busy
        """Whether it said that it is asked too often (429), and isn't out of order."""


class OutcomeUnknown(ProviderError):
    """The request may have been accepted and charged; it must not be sent again blindly."""


class Rejected(ProviderError):
    """The provider says no; nothing was made. `reason` is one of our own codes, for the words."""

    def __init__(self, provider: str, detail: str = "", *, reason: str = "rejected") -> None:
        super().__init__(provider, detail)
        self.reason = reason


class InputRejected(Rejected):
    """The provider can't use these parameters or files."""


class ModerationRejected(Rejected):
    """The provider's content rules say no; `categories` are the rules it names."""

    def __init__(
        self,
        provider: str,
        detail: str = "",
        *,
        reason: str = "moderation",
        categories: Sequence[str] = (),
    ) -> None:
        super().__init__(provider, detail, reason=reason)
        self.categories = tuple(categories)


class CreditExhausted(Rejected):
    """The operator's balance at the provider is used up."""


class KeyRejected(Rejected):
    """The operator's key is wrong, revoked, or may not use this model."""


class TaskNotFound(ProviderError):
    """The provider doesn't know this task, or not yet."""


class DownloadError(MatineeError):
    """The film could not be fetched as a valid file. The text is for the log."""


class LinkExpired(DownloadError):
    """The link is gone (403, 404, 410); the provider can be asked for a fresh one."""


class Oversized(DownloadError):
    """The file is larger than we ever take, however often it is fetched."""


class ForbiddenAddress(DownloadError):
    """The link leads to an address that we never connect to."""


class DeliveryError(MatineeError):
    """Discord didn't take a message. The text is for the log."""


class ChannelClosed(DeliveryError):
    """We may not post here, or there is no here any more; asking again would only be an offence."""

    def __init__(self, detail: str, *, gone: bool = False) -> None:
        super().__init__(detail)
        self.gone = gone
        """Whether the channel or message itself no longer exists."""


class Malformed(ChannelClosed):
    """Discord takes messages here, but not this one: a plainer one may go through."""


class BadForm(Malformed):
    """Discord says that the message is made wrong (50035), which is no different anywhere else."""


class TooLarge(DeliveryError):
    """The file is over what this channel takes just now."""


class DiscordUnavailable(DeliveryError):
    """No answer or a passing fault: the message may exist, so look before posting again."""

    def __init__(
        self, detail: str, *, retry_after: timedelta | None = None, out_of_time: bool = False
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        """How long Discord wants to be left alone, where it says so."""
        self.out_of_time = out_of_time
        """Whether it was we who broke off, because it took too long."""


class MediaError(MatineeError):
    """A file can't be read as the kind it claims to be; `code` names the sentence."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class FilesUnavailable(MatineeError):
    """The storage of films and members' files doesn't answer or denies; the text holds no address of it."""

    def __init__(self, detail: str, *, misses: int = 1) -> None:
        super().__init__(detail)
        self.misses = misses
        """How often in a row it has failed this process."""


class StoreError(MatineeError):
    """The database."""


class Conflict(StoreError):
    """A statement touched another number of rows than it must; nothing of its transaction happened."""

    def __init__(self, statement: str) -> None:
        super().__init__(statement)
        self.statement = statement


class LimitReached(Conflict):
    """A counter would go over its limit: which one (see `bot.models.Hold`), and in what unit."""

    def __init__(self, scope: str, period: str, unit: str, *, used: int, limit: int) -> None:
        super().__init__(f"{scope} {period} {unit}")
        self.scope = scope
        self.period = period
        self.unit = unit
        """`videos`, `seconds` or `credits`."""
        self.used = used
        self.limit = limit


class StoreUnavailable(StoreError):
    """The database can't take a write just now: disk full, locked, gone."""
