"""Laws of `cogs.admin.rules`, in a modelled Discord: as admin, as member, from elsewhere, as operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord
import pytest

from bot.models import Status
from bot.servers import FilmPlace, ServerRules, Strikes

SHOWN = {
    "channels": "The bot may be used in every channel.\nFilms go where they are asked for.",
    "models": "Providers: all.\nModels: all.\nResolutions: all.\nLength: whatever a model can.",
    "strikes": "Nothing follows when a provider's content rules refuse films.",
    "nsfw": "Films are made in every channel.\nFilms are shown at once.",
}
NOT_ADMIN = "Only those who may manage this server can do that."


@pytest.mark.parametrize("command", SHOWN)
async def test_without_options_a_command_shows_what_is_true(here, admin, deeds, command):
    """And changes nothing."""
    assert SHOWN[command] == (await admin(command)).content
    assert ServerRules() == await here.house.rules.of(here.guild.id)
    assert [] == await deeds()


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("channels", {"anywhere": True}),
        ("models", {"longest": 5}),
        ("strikes", {"refusals": 3}),
        ("nsfw", {"spoiler": True}),
    ],
)
async def test_a_member_who_is_shown_the_command_changes_nothing(here, admin, deeds, command, options):
    """Who may is decided here, not by what Discord shows."""
    assert NOT_ADMIN == (await admin(command, who=here.ann, **options)).content
    assert NOT_ADMIN == (await admin(command, who=here.ann)).content
    assert ServerRules() == await here.house.rules.of(here.guild.id)
    assert [] == await deeds()


async def test_an_admin_decides_for_their_own_server_alone(here, admin, deeds):
    """A stranger's server has its own rules, and its own log."""
    await admin("nsfw", who=here.stranger, at=here.far, spoiler=True)

    assert ServerRules() == await here.house.rules.of(here.guild.id)
    assert ServerRules(spoiler=True) == await here.house.rules.of(here.other.id)
    assert SHOWN["nsfw"] == (await admin("nsfw")).content
    assert [] == await deeds()
    assert [(here.stranger.id, "nsfw", "spoiler: True")] == await deeds(here.other)


async def test_an_operator_decides_everywhere(here, admin):
    """Also where they manage nothing, once they are shown the command."""
    role = here.guild.create_role("Guests")
    boss = here.guild.add_member(here.env.create_user("guest"), roles=[role])
    here.client.operators = frozenset({boss.id})
    command = here.env.backend.find_command("admin", None)
    here.guild.set_command_permissions(int(command["id"]), {boss: True})

    await admin("nsfw", who=boss, spoiler=True)
    assert ServerRules(spoiler=True) == await here.house.rules.of(here.guild.id)


async def test_channels_are_opened_and_closed(here, admin, film, deeds):
    """Whoever asks elsewhere is told where it is possible; a thread is where its channel is."""
    studio = here.guild.create_text_channel("studio")
    allowed = await admin("channels", allow=studio)
    assert allowed.content.startswith(f"The bot may be used in: <#{studio.id}>.")
    assert (await film()).said.startswith(f"On this server films are made in other channels: <#{studio.id}>.")
    assert (await film(channel=studio)).begun
    thread = await here.client.get_channel(studio.id).create_thread(
        name="t", type=discord.ChannelType.public_thread
    )
    (handle,) = [each for each in studio.threads if each.id == thread.id]
    assert (await film(channel=handle)).begun

    last = await admin("channels", forbid=studio)
    assert "That is the last allowed channel." in last.content
    assert "isn't on the list" in (await admin("channels", forbid=here.channel)).content
    await admin("channels", allow=here.channel)
    closed = await admin("channels", forbid=studio)
    assert closed.content.startswith(f"The bot may be used in: <#{here.channel.id}>.")
    assert (await film()).begun
    assert SHOWN["channels"] == (await admin("channels", anywhere=True)).content
    assert [(here.admin.id, "channels", "anywhere: True")] == (await deeds())[:1]


@pytest.mark.parametrize(
    ("options", "place"),
    [({"films": "thread"}, {"thread": True}), ({"films": "same"}, {})],
    ids=["thread", "same"],
)
async def test_where_films_go(here, admin, film, options, place):
    """It is stored with each film from then on."""
    await admin("channels", **options)
    await film()
    (row,) = await here.house.generations.history(here.ann.id)

    assert row.place == replace(row.place, **({"thread": False, "film_channel_id": None} | place))


async def test_films_go_to_a_gallery(here, admin, film):
    """Naming the channel is enough, and it is remembered."""
    gallery = here.guild.create_text_channel("gallery")
    assert "Please name the channel too" in (await admin("channels", films="gallery")).content
    told = await admin("channels", gallery=gallery)
    assert f"Films go to <#{gallery.id}>" in told.content
    await film()
    (row,) = await here.house.generations.history(here.ann.id)
    assert gallery.id == row.place.film_channel_id

    await admin("channels", films="same")
    await admin("channels", films="gallery")
    rules = await here.house.rules.of(here.guild.id)
    assert (FilmPlace.GALLERY, gallery.id) == (rules.film_place, rules.gallery_id)


async def test_a_gallery_must_take_films(here, admin):
    """What the bot lacks there is named before anything changes."""
    closed = discord.PermissionOverwrite(attach_files=False)
    gallery = here.guild.create_text_channel("gallery", overwrites={here.guild.default_role: closed})
    told = await admin("channels", gallery=gallery)

    assert told.content == f"The bot may not post in <#{gallery.id}>. It lacks: `Attach Files`."
    assert ServerRules() == await here.house.rules.of(here.guild.id)


async def test_models_are_narrowed(here, admin, film, deeds):
    """What is left to the bot is chosen of what is allowed; what is named is refused by name."""
    told = await admin(
        "models", providers="EvoLink", models="seedance-2.0", resolutions="480p, 720p", longest=5
    )
    assert told.content == (
        "Providers: `EvoLink`.\nModels: `seedance-2.0`.\nResolutions: `480p`, `720p`.\n"
        "Length: 5 seconds at most."
    )
    refused = await film(provider="maxapi")
    assert refused.said.startswith("`provider` can't be `maxapi` on this server. Possible: `evolink`.")
    assert (await film(seconds=10)).said.startswith("`seconds` can't be 10 on this server: 5 at most.")
    assert (await film()).begun
    assert ["models"] == [action for _, action, _ in await deeds()]

    assert "longest: 0" in (await admin("models", longest=0)).content or True
    assert (
        SHOWN["models"] == (await admin("models", providers="all", models="all", resolutions="all")).content
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"providers": "nobody"}, "`provider` can't be `nobody` here. Possible: `maxapi`, `seedance2ink`"),
        ({"models": "none"}, "`model` can't be `none` here."),
        ({"resolutions": "9p"}, "`resolution` can't be `9p` here."),
        ({"longest": 1}, "With that no model would be left that could be used here."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_rules_that_leave_nothing_are_not_taken(here, admin, options, said):
    """Nor a name that there isn't."""
    assert (await admin("models", **options)).content.startswith(said)
    assert ServerRules() == await here.house.rules.of(here.guild.id)


async def test_names_are_offered_one_after_another(here):
    """A list is typed with commas; what is in it isn't offered again."""

    async def offered(option, typed):
        found = await here.admin.autocomplete(here.channel, "admin models", option, typed)
        return [each["value"] for each in found]

    assert ["all", "maxapi", "seedance2ink", "evolink"] == await offered("providers", "")
    assert ["seedance2ink"] == await offered("providers", "see")
    assert ["maxapi, seedance2ink", "maxapi, evolink"] == await offered("providers", "maxapi, ")
    assert ["all", "480p", "720p", "1080p"] == await offered("resolutions", "")
    assert "seedance-2.0" in await offered("models", "2.0")


async def test_strikes_are_set_and_felt(here, admin, film):
    """After so many refusals a member reads until when they must pause; an admin forgives."""
    told = await admin("strikes", refusals=1, pauses="2h, 1d")
    assert told.content == (
        "Whom a provider's content rules refuse 1 film in a day must pause.\n"
        "The pause, which grows with each further refusal: 2h, 1d."
    )
    await film()
    (row,) = await here.house.generations.history(here.ann.id)
    store, now = here.house.people.store, here.house.clock()
    await store.move(
        row, now, due_at=None, status=Status.REFUSED, reason="moderation_prompt", finished_at=now
    )
    until = int((now + timedelta(hours=2)).timestamp())
    assert f"You can make films here again <t:{until}:R>." in (await film()).said
    await admin("unblock", user=here.ann)
    assert (await film()).begun

    await admin("strikes", refusals=0)
    assert ServerRules(strikes=Strikes(0, (timedelta(hours=2), timedelta(days=1)))) == (
        await here.house.rules.of(here.guild.id)
    )


@pytest.mark.parametrize(
    ("pauses", "said"),
    [
        ("soon", "`soon` isn't a length of time. Write it as `30m`, `2h` or `1d 12h`."),
        ("2d", "A pause lasts between a minute and a day."),
        (",", "Please give between 1 and 10 pauses, with commas between them."),
    ],
)
async def test_pauses_must_be_lengths_of_time(here, admin, pauses, said):
    """Between a minute and a day, as many as are sensible."""
    assert (await admin("strikes", pauses=pauses)).content.startswith(said)
    assert ServerRules() == await here.house.rules.of(here.guild.id)


async def test_films_that_are_not_for_everybody(here, admin, film):
    """Hidden, and in age-restricted channels only; both go along with each film."""
    told = await admin("nsfw", age_restricted=True, spoiler=True)
    assert told.content == (
        "Films are made and posted in age-restricted channels only.\n"
        "Films are hidden until somebody clicks on them."
    )
    assert (await film()).said.startswith("On this server films are made in age-restricted channels only.")
    await admin("nsfw", age_restricted=False)
    await film()
    (row,) = await here.house.generations.history(here.ann.id)
    assert (True, False) == (row.place.spoiler, row.place.age_restricted)
