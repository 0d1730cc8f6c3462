# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""What a server's admins decide, and what is told of it."""

from tests.cogs.exercises import ADMIN, NOTHING, OPERATOR, SOMETHING, exercise

OPEN = {"shown": SOMETHING, "stranger": SOMETHING}


@exercise("/admin channels: allow films gallery", who=ADMIN, travels=False)
async def channels(stage):
    """Where films may be asked for, and where they go."""
    gallery = stage.home.guild.create_text_channel("gallery")
    await stage.slash("admin channels", allow=stage.channel, films="gallery", gallery=gallery)


@exercise("/admin channels: forbid", who=ADMIN, travels=False)
async def channels_forbidden(stage):
    """One less."""
    other = stage.home.guild.create_text_channel("other")
    for channel in (stage.channel, other):
        await stage.as_("admin", stage.slash, "admin channels", allow=channel)
    await stage.slash("admin channels", forbid=other)


@exercise("/admin channels: anywhere", who=ADMIN)
async def channels_anywhere(stage):
    """All again, in the words of each place for films."""
    for films in ("thread", "same"):
        await stage.as_("admin", stage.slash, "admin channels", films=films)
    await stage.slash("admin channels", anywhere=True)


@exercise("/admin models: providers models resolutions longest", who=ADMIN)
async def models(stage):
    """What films may be made with."""
    options = {"providers": "evolink", "models": "seedance-2.0", "resolutions": "720p", "longest": 10}
    await stage.slash("admin models", **options)


@exercise(
    *(f"/admin models? {option}" for option in ("providers", "models", "resolutions")), who=ADMIN, **OPEN
)
async def models_completed(stage):
    """With what there is, which is no secret."""
    for option in ("providers", "models", "resolutions"):
        assert await stage.complete("admin models", option)


@exercise("/admin strikes: refusals pauses", who=ADMIN)
async def strikes(stage):
    """Pauses after refusals."""
    await stage.slash("admin strikes", refusals=3, pauses="1h, 1d")


@exercise("/admin nsfw: age_restricted spoiler", who=ADMIN)
async def nsfw(stage):
    """Films that aren't for everybody."""
    await stage.slash("admin nsfw", age_restricted=True, spoiler=True)


@exercise("/admin words add: text kind", who=ADMIN)
async def words_add(stage):
    """What prompts may not say."""
    await stage.slash("admin words add", text=stage.secret, kind="word")


@exercise("/admin words remove: text kind", who=ADMIN)
async def words_remove(stage):
    """And may again."""
    await stage.as_("admin", stage.slash, "admin words add", text=stage.secret)
    await stage.slash("admin words remove", text=stage.secret, kind="word")


@exercise("/admin words remove? text", who=ADMIN, shown=NOTHING, stranger=NOTHING)
async def words_completed(stage):
    """With what is on the list, for admins alone."""
    await stage.as_("admin", stage.slash, "admin words add", text=stage.secret)
    await stage.complete("admin words remove", "text")


@exercise("/admin words list", who=ADMIN)
async def words_list(stage):
    """All rules on words."""
    await stage.as_("admin", stage.slash, "admin words add", text=stage.secret)
    await stage.slash("admin words list")


@exercise("/admin words test: prompt", who=ADMIN)
async def words_test(stage):
    """Whether a prompt would be refused."""
    await stage.as_("admin", stage.slash, "admin words add", text=stage.secret)
    await stage.slash("admin words test", prompt=stage.secret)


@exercise("/admin block: user time reason", who=ADMIN)
async def block(stage):
    """For a time, with a reason."""
    await stage.slash("admin block", user=stage.whom, time="1h", reason="x")


@exercise("/admin block? time", who=ADMIN, **OPEN)
async def block_completed(stage):
    """With usual lengths, which are no secret."""
    assert await stage.complete("admin block", "time")


@exercise("/admin block: user everywhere", who=OPERATOR)
async def block_everywhere(stage):
    """On all servers."""
    await stage.slash("admin block", user=stage.whom, everywhere=True)


@exercise("/admin unblock: user", who=ADMIN)
async def unblock(stage):
    """May again."""
    await stage.as_("admin", stage.slash, "admin block", user=stage.ann)
    await stage.slash("admin unblock", user=stage.whom)


@exercise("/admin unblock: user everywhere", who=OPERATOR)
async def unblock_everywhere(stage):
    """On all servers."""
    await stage.as_("boss", stage.slash, "admin block", user=stage.ann, everywhere=True)
    await stage.slash("admin unblock", user=stage.whom, everywhere=True)


@exercise("/admin log: channel", who=ADMIN, travels=False)
async def log_told(stage):
    """In a channel, from now on."""
    stage.log = stage.home.guild.create_text_channel("log")
    await stage.as_("admin", stage.slash, "admin log", channel=stage.log)
    await stage.slash("admin log", channel=stage.log)


@exercise("/admin log: off", who=ADMIN)
async def log_off(stage):
    """In none any more."""
    await stage.log_channel()
    await stage.slash("admin log", off=True)


@exercise("/admin log: everywhere", who=OPERATOR)
async def log_everywhere(stage):
    """Of all servers."""
    await stage.as_("admin", stage.slash, "admin nsfw", spoiler=True)
    await stage.slash("admin log", everywhere=True)


async def _full_log(stage):
    """Have more in the log than a page holds."""
    for number in range(17):
        await stage.as_("admin", stage.slash, "admin models", longest=4 + number)
    return await stage.as_("admin", stage.slash, "admin log")


@exercise("log.Earlier", who=ADMIN)
async def log_older(stage):
    """Page by page, for admins alone, whoever gets hold of the button."""
    shown = await _full_log(stage)
    await stage.press(await stage.within_reach(shown, of=stage.admin), "log:")
