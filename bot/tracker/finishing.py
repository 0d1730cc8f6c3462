"""Rendered, fetched, posting: bring the paid film home, then to the people, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.delivery import Posted, Rung, below, first, nonce_is_forgotten, wants_copy
from bot.errors import (
    BadForm,
    ChannelClosed,
    DiscordUnavailable,
    DownloadError,
    ForbiddenAddress,
    LinkExpired,
    Malformed,
    MediaError,
    Oversized,
    ProviderError,
    TaskNotFound,
    TooLarge,
)
from bot.generations import WITHHELD
from bot.media.deleting import delete
from bot.media.fit import is_playable
from bot.models import Film, MediaKind, Notice, Status
from bot.schedule import backoff
from bot.shots import is_joined
from bot.tracker import arriving, cards, joining, keeping, posting
from bot.tracker.context import go_on, log, transition
from bot.tracker.watching import park, quiet, wait_after

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.delivery import Parcel
    from bot.media.arriving import Downloaded
    from bot.media.probe import Probed
    from bot.models import Generation
    from bot.tracker.context import Context

LARGEST_FILM = 1024 * 1024 * 1024
"""Bytes that are fetched at the most."""
TRIES = 5
"""Files that are no film, or fresh links, before a paid film is given up."""
LINK_LIFE = timedelta(hours=24)
"""How long a film can be had there (EvoLink's word, docs.evolink.ai): our disk or line may heal till then."""
FETCH_PATIENCE = timedelta(minutes=30)
"""Longest wait between two downloads."""
LONGER = timedelta(seconds=5)
"""What a film may have on top of the length that was asked for."""
LOOKS = 2
"""Times that a film of the wrong length is fetched."""
FRESH_LINK_WAIT = timedelta(minutes=1)
POST_PATIENCE = timedelta(minutes=10)
"""Longest wait between two tries to post: a film is never given up for Discord's sake."""
SLOW_TRIES = 3
"""Posts that took too long, before the film is made smaller."""
REFUSED = "message_refused"
"""Why a film is parked whose message Discord won't have."""


async def fetch(context: Context, generation: Generation) -> Generation:
    """Download the film, look whether it is one, and keep it before its row says so."""
    generation = await cards.refresh(context, generation)
    target = context.hosting.film_target(generation)
    try:
        async with arriving.told_if_slow(context, generation, target):
            film = await _download(context, generation, target)
    except LinkExpired as error:
        return await _fresh_link(context, generation, error)
    except (DownloadError, MediaError, OSError) as error:
        return await _try_again(context, generation, error)
    if _is_too_long(context, generation, film):
        return await _doubted(context, generation, film)
    async with keeping.kept(context, film):
        return await go_on(context, generation, status=Status.FETCHED, film=film, misses=0)


def _is_too_long(context: Context, generation: Generation, film: Film) -> bool:
    """Return whether a film can't be what was asked for: it is longer, or longer than any of its model."""
    request = generation.request
    if is_joined(generation) or request.provider not in context.providers:
        return False
    asked = request.seconds or 0
    longest = asked if asked > 0 else max(context.capabilities_of(generation).seconds, default=0)
    return film.duration > timedelta(seconds=longest) + LONGER


async def _doubted(context: Context, generation: Generation, film: Film) -> Generation:
    """Fetch it once more, then keep it and let a person decide whether to deliver it."""
    now, misses = context.clock(), generation.misses + 1
    log.warning("film too long", generation=generation.id, tries=misses, duration=str(film.duration))
    if misses < LOOKS:
        await delete(context.hosting.film_path(film))
        return await transition(context, generation, due_at=now + FRESH_LINK_WAIT, misses=misses)
    async with keeping.kept(context, film):
        return await park(context, generation, WITHHELD, film=film, misses=0)


async def _download(context: Context, generation: Generation, target: Path) -> Film:
    """Fetch from the first link, or join shots. Raises `DownloadError`, `MediaError` or `OSError`."""
    fetched: Downloaded | Probed
    if (left := await keeping.left_over(context, generation, target)) is not None:
        fetched = probed = left
    elif is_joined(generation):
        fetched = probed = await joining.join(context, generation, target)
    else:
        fetched = await context.downloader.download(generation.urls[0], target, most=LARGEST_FILM)
        probed = await context.prober.probe(target)
    if probed.kind is not MediaKind.VIDEO or probed.extension not in {".mp4", ".mov", ".m4v"}:
        await delete(target)
        raise MediaError("not_a_film", probed.extension)
    return Film(
        path=context.hosting.film_name(generation),
        size=fetched.size,
        sha256=fetched.sha256,
        width=probed.width,
        height=probed.height,
        duration=probed.duration,
        sound=probed.sound,
        playable=is_playable(probed),
    )


async def _try_again(context: Context, generation: Generation, error: Exception) -> Generation:
    misses = generation.misses + 1
    log.warning("film not fetched", generation=generation.id, tries=misses, error=str(error))
    now = context.clock()
    hopeless = isinstance(error, MediaError | ForbiddenAddress | Oversized)
    if misses >= TRIES and (hopeless or _is_old(generation, now)):
        return await _lost(context, generation)
    wait = backoff(misses, context.random, most=FETCH_PATIENCE)
    return await transition(context, generation, due_at=now + wait, misses=misses)


def _is_old(generation: Generation, now: datetime) -> bool:
    return now >= (generation.rendered_at or generation.created_at) + LINK_LIFE


async def _fresh_link(context: Context, generation: Generation, error: LinkExpired) -> Generation:
    """Ask the provider for a link that works, once a minute at most; an ask without an answer is no try."""
    if generation.request.provider not in context.providers:  # it may be turned on again
        return await _try_again(context, generation, error)
    misses = generation.misses + 1
    log.warning("link expired", generation=generation.id, tries=misses, error=str(error))
    if misses >= TRIES or generation.task_id is None:
        return await _lost(context, generation)
    if (later := quiet(context, generation)) is not None:
        return await transition(context, generation, due_at=later)
    now = context.clock()
    changes: dict[str, Any] = {"misses": misses}
    wait = FRESH_LINK_WAIT
    try:
        task = await context.fetch(generation, generation.task_id)
    except ProviderError as asked:
        log.info("no fresh link", generation=generation.id, error=type(asked).__name__)
        if not isinstance(asked, TaskNotFound) and not _is_old(generation, now):
            changes = {}  # nobody has said that the film is gone
            wait = max(wait, wait_after(context, generation, asked))
    else:
        if task.urls and task.urls != generation.urls:
            changes["urls"] = task.urls
            # Some make a new link at every ask: what fails at once again needs time, not another link.
            wait = timedelta() if misses == 1 else FRESH_LINK_WAIT
    return await transition(context, generation, due_at=now + wait, **changes)


async def _lost(context: Context, generation: Generation) -> Generation:
    log.error("film lost", generation=generation.id, provider=generation.request.provider,
              task=generation.task_id)  # fmt: skip
    reason = "join_failed" if is_joined(generation) else "result_lost"
    return await transition(context, generation, due_at=context.clock(), status=Status.FAILED, reason=reason)


async def post(context: Context, generation: Generation) -> Generation:
    """Write down that it is about to be posted, then post it."""
    rung = Rung(generation.posting_place or first(generation))
    if rung is Rung.KEPT or generation.shot is not None:  # a shot waits for the others: they are one film
        return await _kept(context, generation)
    if not await keeping.is_here(context, generation):
        return await _fetch_again(context, generation)
    parcel = await context.delivery.pack(generation, rung, context.clock())
    if parcel.path is None and parcel.link is None:
        return await _next_rung(context, generation, rung)
    now = context.clock()  # not later: while its answer is waited for, others may have posted it
    intended = await transition(
        context,
        generation,
        due_at=now,
        keep=True,
        status=Status.POSTING,
        posting_since=now,
        posting_place=rung,
    )
    return await _send(context, intended, rung, parcel, _Look(None, now))


@dataclass(frozen=True, slots=True)
class _Look:
    """What could be seen of the film's message where it was intended."""

    found: Posted | None
    since: datetime
    """What came later than this may stand there unseen."""
    hidden: bool = False
    """Whether nobody could look."""


async def _look(context: Context, generation: Generation, rung: Rung) -> _Look:
    """Look whether it stands already. Raises `ChannelClosed` if there is no there, `DiscordUnavailable`."""
    now = context.clock()
    try:
        return _Look(await context.delivery.find_film(generation, rung), now)
    except ChannelClosed as error:
        if error.gone:
            raise
        return _Look(None, generation.posting_since or now, hidden=True)


async def resume(context: Context, generation: Generation) -> Generation:
    """Look whether it stands already, where it was intended, and only then post it again.

    Making it ready may take minutes: then it is looked for once more.
    """
    rung = Rung(generation.posting_place or first(generation))
    parcel: Parcel | None = None
    while True:
        try:
            look = await _look(context, generation, rung)
        except ChannelClosed:
            return await _next_rung(context, generation, rung)
        except DiscordUnavailable as error:
            return await _post_later(context, generation, error)
        if look.found is not None:
            return await _delivered(context, generation, look.found, rung)
        if look.hidden and nonce_is_forgotten(generation.posting_since, context.clock()):
            return await _keep(context, generation)
        if parcel is not None:
            break
        if not await keeping.is_here(context, generation):
            return await _fetch_again(context, generation)
        parcel = await context.delivery.pack(generation, rung, context.clock())
        if parcel.path is None and parcel.link is None:
            return await _next_rung(context, generation, rung)
        if context.clock() - look.since <= posting.LOOK_AGAIN:
            break
    # Whoever lost the lease meanwhile posts nothing.
    still_ours = await transition(context, generation, due_at=context.clock(), keep=True)
    return await _send(context, still_ours, rung, parcel, look)


async def _fetch_again(context: Context, generation: Generation) -> Generation:
    """Download a film anew that somebody deleted before it was delivered."""
    log.error("the film is gone", generation=generation.id)
    return await transition(
        context, generation, due_at=context.clock(), status=Status.RENDERED, film=None, misses=0
    )


async def _send(
    context: Context, generation: Generation, rung: Rung, parcel: Parcel, look: _Look
) -> Generation:
    """Post it. Where nobody could look, it may stand there already; then it goes nowhere else."""
    facts = await cards.facts(context, generation)
    try:
        post = context.delivery.post_film(generation, rung, parcel, facts)
        posted = await posting.in_time(context, look.since, post)
    except BadForm as error:
        return await _refused(context, generation, error)
    except ChannelClosed as error:
        blame = log.error if isinstance(error, Malformed) else log.info
        blame("can't post here", generation=generation.id, rung=rung, error=str(error))
        go_on = _keep(context, generation) if look.hidden else _next_rung(context, generation, rung)
        return await go_on
    except TooLarge:
        return await _smaller(context, generation, rung, parcel)
    except DiscordUnavailable as error:
        return await _post_later(context, generation, error, parcel)
    delivered = await _delivered(context, generation, posted, rung)
    if delivered.copy is not Notice.OWED:  # else the copy needs the file
        await context.delivery.discard(generation, parcel)
    return delivered


async def _refused(context: Context, generation: Generation, error: BadForm) -> Generation:
    """Let a person look: Discord refuses even the plainest message, so that the fault is ours."""
    log.error("parked", generation=generation.id, reason=REFUSED, error=str(error))
    return await transition(context, generation, due_at=context.clock(), status=Status.PARKED, reason=REFUSED)


async def _post_later(
    context: Context, generation: Generation, error: DiscordUnavailable, parcel: Parcel | None = None
) -> Generation:
    """Try again; a file that our line doesn't carry in time goes in a smaller edition at last."""
    misses = generation.misses + 1
    log.warning("not posted yet", generation=generation.id, tries=misses, error=str(error))
    learned: dict[str, Any] = {}
    if error.out_of_time and misses >= SLOW_TRIES and parcel is not None and parcel.path is not None:
        smaller = context.delivery.next_limit(parcel.path.stat().st_size)
        learned = {"upload_limit": smaller} if smaller > 0 else {}
    due_at = context.clock() + posting.wait(context, misses, error, most=POST_PATIENCE)
    return await transition(context, generation, due_at=due_at, misses=misses, **learned)


async def _smaller(context: Context, generation: Generation, rung: Rung, parcel: Parcel) -> Generation:
    """Remember that this was too large, and go a step down, at last to a link; a link can't be too large."""
    if parcel.path is None:
        return await _next_rung(context, generation, rung)
    limit = context.delivery.next_limit(parcel.path.stat().st_size)
    return await transition(
        context, generation, due_at=context.clock(), status=Status.FETCHED, upload_limit=limit
    )


async def _next_rung(context: Context, generation: Generation, rung: Rung) -> Generation:
    return await _go_to(context, generation, below(generation, rung))


async def _keep(context: Context, generation: Generation) -> Generation:
    return await _go_to(context, generation, Rung.KEPT)


async def _go_to(context: Context, generation: Generation, rung: Rung) -> Generation:
    return await transition(
        context,
        generation,
        due_at=context.clock(),
        status=Status.FETCHED,
        posting_place=rung,
        upload_limit=None,
        misses=0,
    )


async def _kept(context: Context, generation: Generation) -> Generation:
    """Nowhere to post it: it waits for its requester."""
    context.metrics.delivered(Rung.KEPT)
    return await transition(
        context, generation, due_at=context.clock(), status=Status.DELIVERED, posting_place=Rung.KEPT
    )


async def _delivered(context: Context, generation: Generation, posted: Posted, rung: Rung) -> Generation:
    context.metrics.delivered(rung)
    return await go_on(
        context,
        generation,
        status=Status.DELIVERED,
        posting_place=rung,
        message_id=posted.message_id,
        message_channel_id=posted.channel_id,
        copy=Notice.OWED if wants_copy(generation, rung) else generation.copy,
        misses=0,
    )
