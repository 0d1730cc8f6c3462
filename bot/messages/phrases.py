"""A generation in plain words: how it stands, why it ended, what it takes from the limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot import quotas
from bot.i18n import later
from bot.messages.text import code, line, moment, size
from bot.models import WITHOUT_FILM, MediaKind, Mode, Status, TaskStatus

if TYPE_CHECKING:
    from datetime import datetime

    from bot.i18n import Say
    from bot.messages.draft import CardFacts
    from bot.models import Generation, VideoRequest

PROVIDERS = {"maxapi": "maxapi", "seedance2ink": "seedance2.ink", "evolink": "EvoLink"}
"""As they call themselves."""

MODES = {
    Mode.TEXT: later("from words alone"),
    Mode.FIRST_FRAME: later("first frame"),
    Mode.FIRST_LAST_FRAME: later("first and last frame"),
    Mode.REFERENCE: later("references"),
}
KINDS = {
    MediaKind.IMAGE: later("picture"),
    MediaKind.VIDEO: later("clip"),
    MediaKind.AUDIO: later("sound"),
}
STATES = {
    Status.QUEUED: later("Queued. Nothing has been sent yet."),
    Status.SUBMITTING: later("Being sent to {provider}."),
    Status.UNCERTAIN: later(
        "Sent to {provider}, but no clear answer came. We are checking, and will not send it twice."
    ),
    Status.RENDERED: later("The film is made and is being downloaded."),
    Status.FETCHED: later("The film is here and is being prepared for Discord."),
    Status.POSTING: later("The film is being posted."),
    Status.DELIVERED: later("Done."),
    Status.PARKED: later("This takes far longer than it should. The operator has to look at it."),
}
PARKED = {
    "absurd_charge": later(
        "The film is made, but {provider} reports a price that can't be right. "
        "The operator has to look at it."
    ),
    "wrong_film": later(
        "The film is made, but it is longer than what was asked for. The operator has to look at it."
    ),
    "unknown": later("Something went wrong here. The operator has to look at it."),
    "unavailable": later("{provider} is turned off here. The operator has to look at it."),
    "task_unknown": later("{provider} no longer knows of this. The operator has to look at it."),
    "message_refused": later(
        "The film is made, but Discord refused the message with it. It is kept for you in `/show`, "
        "and the operator has to look at it."
    ),
    "uncertain": later(
        "{provider} never said whether it took this. It is not sent again; the operator has to look at it."
    ),
}
_REASONS = {
    "moderation": later("{provider} refused this under its content rules."),
    "moderation_prompt": later("{provider} refused the prompt under its content rules."),
    "moderation_file": later("{provider} refused what a file shows, under its content rules."),
    "moderation_face": later("{provider} refused this: it takes a file for one of a real person."),
    "moderation_sound": later("{provider} refused the sound that it had made, under its content rules."),
    "input": later("{provider} refused this: it could not use the prompt, the files or the settings."),
    "credit": later("The bot's balance at {provider} is used up."),
    "key": later("{provider} does not accept the bot's key."),
    "provider": later("{provider} tried, and could not make this film."),
    "timeout": later("{provider} gave up, because it took too long."),
    "unreachable": later("{provider} could not be reached, so nothing was made."),
    "unavailable": later("{provider} is out of order."),
    "rejected": later("{provider} did not accept this."),
    "result_lost": later("The film was made, but could not be fetched as a valid file."),
    "attachment_expired": later("A file could no longer be read when the provider wanted it."),
    "frame_lost": later("The last frame of the shot before could not be taken."),
    "given_up": later("The operator looked at it and gave it up."),
    "join_failed": later("The shots could not be joined."),
    "queue_too_long": later("No place became free at {provider} in time, so it was never sent."),
    "expired": later("No place became free at {provider} in time, so it was never sent."),
    "cancelled": later("Cancelled."),
}
_OF_ONE_FILE = {
    "moderation_file": later("{provider} refused what {file} shows, under its content rules."),
    "moderation_face": later("{provider} refused this: it takes {file} for one of a real person."),
}
"""Where there is only one that it can be."""
_BY_STATUS = {
    Status.REFUSED: later("{provider} refused this."),
    Status.FAILED: later("This film could not be made."),
    Status.CANCELLED: later("Cancelled."),
    Status.EXPIRED: later("No place became free at {provider} in time, so it was never sent."),
}
_NEXT = {
    "moderation": later("The same will be refused again: change the prompt with Edit, or use other files."),
    "moderation_prompt": later("The same will be refused again: change the prompt with Edit."),
    "moderation_file": later(
        "The same file will be refused again: use another with `/video` or `/reference`."
    ),
    "moderation_face": later(
        "Faces are refused even where a computer made them: use a picture or clip without one."
    ),
    "moderation_sound": later(
        "Without sound it may well succeed. Words about music in the prompt often lead to such a refusal."
    ),
    "input": later("Change the prompt with Edit, or use other files or options with `/video`."),
    "credit": later("The operator of this bot has to top it up. Another provider may still work."),
    "key": later("The operator of this bot has to mend that. Another provider may still work."),
    "attachment_expired": later("Please attach it again with `/video` or `/reference`."),
    "rejected": later("Change the prompt with Edit, or choose another provider."),
}
_CREDIT = 1_000_000
"""Millionths of one."""
_ONCE_MORE = later("Press Again to try once more, or Edit to change it.")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def provider(request: VideoRequest) -> str:
    """Return the provider's name as people know it."""
    return provider_name(request.provider or "?")


def provider_name(name: str) -> str:
    """Return a provider's name as people know it."""
    return PROVIDERS.get(name) or line(name, 40)


def mode(request: VideoRequest, say: Say) -> str:
    """Return what the files are for, as a whole."""
    return say(MODES[request.mode])


def uses(request: VideoRequest, say: Say) -> list[str]:
    """Return what each file is used as, by position, with its name made harmless."""
    return [
        f"{_use(request, position, say)}: {code(file.name, 60)}"
        for position, file in enumerate(request.media)
    ]


def _use(request: VideoRequest, position: int, say: Say) -> str:
    if request.mode is Mode.FIRST_FRAME:
        return say("first frame")
    if request.mode is Mode.FIRST_LAST_FRAME:
        return say("last frame") if position else say("first frame")
    return f"@{position + 1} {say(KINDS[request.media[position].kind])}"


def model(generation: Generation) -> str:
    """Return the model that is used, or was: the provider's word for it, if there is one and it is a name."""
    used = generation.used_model or ""
    return line(used if _NAME.fullmatch(used) else generation.request.model or "", 80) or "?"


def options(request: VideoRequest, say: Say) -> list[str]:
    """Return the options in force, in words."""
    said = [
        say("{seconds} s", seconds=request.seconds) if request.seconds else "",
        line(say.name("choice", request.ratio), 20) if request.ratio else "",
        line(request.resolution or "", 20),
        _switch(request.sound, say("with sound"), say("without sound")),
        say("another model allowed") if request.fallback else "",
        say("web search") if request.web_search else "",
    ]
    return [word for word in said if word]


def _switch(value: bool | None, on: str, off: str) -> str:
    return "" if value is None else on if value else off


def state(generation: Generation, facts: CardFacts, say: Say) -> str:
    """Return how it stands, and nothing that we don't know."""
    who = provider(generation.request)
    status = generation.status
    if status in WITHOUT_FILM:
        return reason(generation, say)
    if status is Status.QUEUED:
        return _queued(generation, facts, say)
    if status is Status.RUNNING:
        return _running(generation, say)
    if status is Status.DELIVERED:
        return _delivered(generation, facts, say)
    if status is Status.RENDERED and facts.arrived is not None:
        arrived = size(facts.arrived)
        return say("The film is made. Its download is slow: {arrived} have come so far.", arrived=arrived)
    if status is Status.PARKED:
        return say(PARKED.get(generation.reason or "", STATES[status]), provider=who)
    return say(STATES[status], provider=who)


def _queued(generation: Generation, facts: CardFacts, say: Say) -> str:
    who = provider(generation.request)
    if generation.cancel_wished:
        return say("Being cancelled.")
    if facts.paused:
        return say("Queued. The operator has paused {provider}, so it is sent when that ends.", provider=who)
    if facts.out_of_order:
        return say(
            "{provider} is out of order just now. Still queued, nothing charged: it is sent when that ends.",
            provider=who,
        )
    if facts.busy or generation.attempts or generation.misses:
        return say("{provider} is busy. Still queued, nothing charged: it will be sent again.", provider=who)
    if facts.place is None:
        return say(STATES[Status.QUEUED])
    return say("Queued, place {place}. Nothing has been sent yet.", place=facts.place)


def _running(generation: Generation, say: Say) -> str:
    who = provider(generation.request)
    if generation.cancel_wished:
        return say("Being cancelled at {provider}.", provider=who)
    if generation.progress is not None:
        return say("{provider} is generating: {progress} %.", provider=who, progress=generation.progress)
    if generation.task_status is TaskStatus.QUEUED:
        return say("Sent; waiting in {provider}'s own queue.", provider=who)
    if generation.task_status is TaskStatus.RUNNING:
        return say("{provider} is generating.", provider=who)
    return say("Sent to {provider}.", provider=who)


def _delivered(generation: Generation, facts: CardFacts, say: Say) -> str:
    place = generation.place
    if generation.removed:
        return say("Done. The message with the film was deleted.")
    if generation.shot is not None:
        return say("Done: shot {number} of a storyboard.", number=generation.shot)
    personal = place.member_only or (place.deliver == "dm" and place.guild_id is not None)
    if generation.message_id is None and personal:
        return say(
            "Done, but its requester takes no direct messages. The film is kept for them in `/videos`."
        )
    if generation.message_id is None:
        kept = say("Done, but the film could not be posted. It is kept for you in `/videos`.")
        link = None if place.age_restricted else facts.film_link
        return f"{kept}\n{f'||{link}||' if place.spoiler else link}" if link else kept
    found = where(generation)
    if found is not None:
        return say("Done: [here is the film]({where}).", where=found)
    if personal:
        return say("Done: the film went to its requester by direct message.")
    return say("Done: the film went to its requester by direct message; it could not be posted here.")


def where(generation: Generation) -> str | None:
    """Return where the film's message is, or None: it is nowhere (any more), or its member's alone."""
    place = generation.place
    if generation.message_id is None or generation.removed:
        return None
    if generation.posting_place == "dm" and place.guild_id is not None:
        return None
    channel = generation.message_channel_id or place.channel_id
    return f"https://discord.com/channels/{place.guild_id or '@me'}/{channel}/{generation.message_id}"


def reason(generation: Generation, say: Say) -> str:
    """Return why there is no film, in our words."""
    if generation.status is Status.CANCELLED and generation.counts_in_full:
        return say(
            "Cancelled. {provider} doesn't stop a film once it has it.", provider=provider(generation.request)
        )
    who, media = provider(generation.request), generation.request.media
    if len(media) == 1 and (of_one := _OF_ONE_FILE.get(generation.reason or "")):
        return say(of_one, provider=who, file=code(media[0].name, 60))
    sentence = _REASONS.get(generation.reason or "") or _BY_STATUS.get(generation.status)
    return say(sentence or later("This film could not be made."), provider=who)


def next_step(generation: Generation, say: Say) -> str:
    """Return what the requester can do now."""
    return say(_NEXT.get(generation.reason or "", _ONCE_MORE))


def cost(generation: Generation, say: Say) -> str:
    """Return what it takes, or took, from its member's limits."""
    if not quotas.counts(generation):
        return say("Counts nothing against your limits.")
    taken = amounts(generation, say)
    if generation.status in {Status.DELIVERED, Status.CANCELLED} or generation.rendered_at:
        return say("Counts {amounts}.", amounts=taken)
    return say("Reserved: {amounts}.", amounts=taken)


def amounts(generation: Generation, say: Say) -> str:
    """Return how many videos and seconds it is, and for how many credits as far as that is known."""
    videos = say.many("{number} video", "{number} videos", generation.cost.videos)
    seconds = say.many("{number} second", "{number} seconds", generation.cost.seconds)
    credits_ = price(generation, say)
    if not credits_:
        return say("{videos} and {seconds}", videos=videos, seconds=seconds)
    return say("{videos}, {seconds} and {credits}", videos=videos, seconds=seconds, credits=credits_)


def price(generation: Generation, say: Say) -> str:
    """Return its credits: as its provider told, else about what it should cost; nothing if nobody knows."""
    doubted = generation.status is Status.PARKED  # what can't be right is no price
    known = generation.cost.credits if generation.charged is None or doubted else generation.charged
    if not known:
        return ""
    told = say.many(
        "{amount} credit", "{amount} credits", -(-known // _CREDIT), amount=f"{known / _CREDIT:g}"
    )
    return told if generation.charged is not None and not doubted else say("about {credits}", credits=told)


def timing(generation: Generation, facts: CardFacts, say: Say) -> str:
    """Return since when it runs and when it may be ready, as times that count by themselves."""
    asked = say("Asked {when}", when=moment(generation.created_at))
    if generation.finished_at:
        return f"{asked} · " + say("ended {when}", when=moment(generation.finished_at))
    if facts.expected is None:
        return asked
    return f"{asked} · {_expected(facts.expected, facts, say)}"


def _expected(usual: datetime, facts: CardFacts, say: Say) -> str:
    worst = facts.worst
    if worst is None or worst <= max(usual, facts.now):
        late = usual <= facts.now
        return say("taking longer than usual") if late else say("expected {when}", when=moment(usual))
    if usual <= facts.now:
        return say("taking longer than usual, at worst ready {worst}", worst=moment(worst))
    return say("usually ready {when}, at worst {worst}", when=moment(usual), worst=moment(worst))
