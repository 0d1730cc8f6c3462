"""Which provider and model a request goes to, and if none, which rule stands in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from bot.errors import NothingCovers, RequestRefused
from bot.providers.capabilities import DEFAULT_MODEL
from bot.providers.rules import why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from bot.models import Capabilities, VideoRequest
    from bot.providers.interface import Provider

__all__ = ["Router", "fill", "why_not"]

_RATIO = "16:9"
_RESOLUTION = "720p"
_SECONDS = 5
_Option = TypeVar("_Option", str, int)


def fill(asked: VideoRequest, capabilities: Capabilities) -> VideoRequest:
    """Return the request routed to this model, with every option that the model has filled in.

    What the model has no word for is None: its provider isn't told.
    """
    searches = asked.mode in capabilities.web_search
    return replace(
        asked,
        provider=capabilities.provider,
        model=capabilities.model,
        ratio=_chosen(asked.ratio, _RATIO, capabilities.ratios),
        resolution=_chosen(asked.resolution, _RESOLUTION, capabilities.resolutions),
        seconds=_chosen(asked.seconds, _SECONDS, capabilities.seconds),
        sound=asked.sound is not False if capabilities.sound else None,
        fallback=bool(asked.fallback) if capabilities.fallback else None,
        web_search=bool(asked.web_search) if searches else None,
    )


def _chosen(asked: _Option | None, default: _Option, allowed: tuple[_Option, ...]) -> _Option | None:
    if asked is not None:
        return asked
    if default in allowed:
        return default
    return allowed[0] if allowed else None


def whole(capabilities: Capabilities) -> Capabilities:
    """Return all of a model: nothing is forbidden."""
    return capabilities


class Router:
    """Picks the member's provider, else the first healthy one, in order, that can do what is asked."""

    def __init__(
        self, providers: Sequence[Provider], healthy: Callable[[str], bool], *, public: bool = True
    ) -> None:
        self._providers = tuple(providers)
        self._healthy = healthy
        self._public = public
        """Whether providers can fetch files from an address of ours."""

    def route(
        self,
        asked: VideoRequest,
        *,
        without: Collection[str] = (),
        paused: Collection[str] = (),
        narrow: Callable[[Capabilities], Capabilities | None] = whole,
    ) -> VideoRequest:
        """Return the request with provider, model and every option filled in.

        `without`: providers that are out of the question; `paused`: those of which it is told that the
        operator has paused them. `narrow` takes away of a model what may not be used here, or all of it.

        Where every provider that could do it is out of order, it is the first of them: it can wait there.
        Raises `RequestRefused` where one rule stands in the way, whichever model is looked at, and
        `NothingCovers` with one reason per provider and model where there are several.
        """
        self._check_names(asked)
        reasons: list[tuple[str, str, RequestRefused]] = []
        covering: list[VideoRequest] = []
        for capabilities in self._candidates(asked, without, narrow):
            reason = why_not(asked, capabilities) or self._out_of_reach(asked, capabilities)
            if reason is None and capabilities.provider in paused:
                reason = RequestRefused(
                    "provider_paused", provider=capabilities.provider, model=capabilities.model
                )
            if reason:
                reasons.append((capabilities.provider, capabilities.model, reason))
            elif self._healthy(capabilities.provider):
                return fill(asked, capabilities)
            else:
                covering.append(fill(asked, capabilities))
        if covering:
            return covering[0]
        raise _refusal(asked, reasons)

    def _out_of_reach(self, asked: VideoRequest, capabilities: Capabilities) -> RequestRefused | None:
        """Refuse a picture of our own making where the provider has no way to get at it."""
        ours = any(not file.source_url for file in asked.media)
        if not ours or self._public or capabilities.uploads:
            return None
        return RequestRefused("needs_public_url", provider=capabilities.provider, model=capabilities.model)

    def _check_names(self, asked: VideoRequest) -> None:
        names = tuple(provider.name for provider in self._providers)
        if asked.provider is not None and asked.provider not in names:
            raise RequestRefused("provider", option="provider", value=asked.provider, allowed=names)
        offering = [each for each in self._providers if asked.provider in {None, each.name}]
        models = tuple(dict.fromkeys(model for each in offering for model in each.capabilities))
        if asked.model is not None and asked.model not in models:
            facts = {"option": "model", "value": asked.model, "allowed": models}
            raise RequestRefused("model", **facts, provider=asked.provider)

    def _candidates(
        self,
        asked: VideoRequest,
        without: Collection[str],
        narrow: Callable[[Capabilities], Capabilities | None],
    ) -> Iterator[Capabilities]:
        for provider in self._providers:
            if asked.provider in {None, provider.name} and provider.name not in without:
                models = sorted(provider.capabilities, key=lambda model: model != DEFAULT_MODEL)
                for model in models:
                    if asked.model in {None, model} and (left := narrow(provider.capabilities[model])):
                        yield left


def _refusal(
    asked: VideoRequest, reasons: Sequence[tuple[str, str, RequestRefused]]
) -> RequestRefused | NothingCovers:
    """Of a provider that the member named, its default model speaks; else a rule that all share."""
    if not reasons:
        return NothingCovers(reasons)
    first = reasons[0][2]
    if asked.provider is not None:
        return first
    rules = [(reason.code, _rule(reason)) for _, _, reason in reasons]
    if any(rule != rules[0] for rule in rules):
        return NothingCovers(reasons)
    return RequestRefused(first.code, **_rule(first), **_shared(reasons))


def _rule(reason: RequestRefused) -> dict[str, object]:
    return {name: fact for name, fact in reason.facts.items() if name not in {"provider", "model"}}


def _shared(reasons: Sequence[tuple[str, str, RequestRefused]]) -> dict[str, str]:
    """Return the provider and the model that all reasons are about; where they are several, none is named."""
    named = {
        "provider": {provider for provider, _, _ in reasons},
        "model": {model for _, model, _ in reasons},
    }
    return {name: only for name, values in named.items() if len(values) == 1 for only in values}
