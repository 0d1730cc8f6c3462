"""/storyboard through the modelled Discord: form, card and buttons, by the right person and the wrong one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.i18n import speaker
from bot.messages import CardFacts, Draft, card_digest, film, notice, storyboard
from bot.models import Film, Status
from bot.shots import BoardStatus, film_of
from cogs.storyboard import packed, unpacked
from tests.cogs.posting import post
from tests.fakes import a_request

PROMPTS = "1. a boat\n2. a storm\n\n3. an island"


def told(result):
    """Return the first words of an answer."""
    return (result.response.content if result.response else "") or ""


async def boards(home):
    """Return every storyboard, with its shots, oldest first."""
    rows = await home.house.own.searching.page(home.ann.id, most=25)
    ids = dict.fromkeys(row.storyboard_id for row in reversed(rows) if row.storyboard_id)
    return [await home.house.storyboards.find(id_) for id_ in ids]


async def asked(home, member=None, text=PROMPTS, **options):
    """Give the command, fill in the form, and return the answer."""
    member = member or home.ann
    opened = await member.slash(home.channel, "storyboard", **options)
    assert opened.modal, told(opened)
    return await member.submit_modal(opened, {"shots": text})


async def standing(home, *statuses, **options):
    """Make a storyboard whose shots stand so, and post its card."""
    await asked(home, **options)
    ((board, shots),) = await boards(home)
    store = home.house.generations._store
    for shot, status in zip(shots, statuses, strict=False):
        path = home.house.generations._hosting.films_dir / f"{shot.id}.mp4"
        path.write_bytes(b"film")
        size = Film(f"films/{path.name}", 4, "", 1280, 720, timedelta(seconds=5), sound=True)
        await store.note(shot.id, status=status, film=size if status is Status.DELIVERED else None)
    board, shots = await home.house.storyboards.find(board.id)
    now = home.house.clock()
    shown = [storyboard.Shown(shot, CardFacts(now)) for shot in shots]
    message = await post(home, storyboard.card(board, shown, None, None))
    return board, shots, message


async def test_a_form_becomes_a_storyboard(home):
    """One line is one shot; the answer is private, and names who makes it and the whole price."""
    done = await asked(home, seconds=5, continuous=True)
    ((board, shots),) = await boards(home)

    assert ["a boat", "a storm", "an island"] == [shot.asked.prompt for shot in shots]
    assert done.response.ephemeral
    assert "3 videos and 15 seconds" in told(done)
    assert "maxapi" in told(done)
    assert (True, BoardStatus.SHOOTING, home.channel.id) == (
        board.continuous,
        board.status,
        board.place.channel_id,
    )


async def test_options_reach_every_shot(home):
    """What is chosen with the command comes back with its form."""
    await asked(home, provider="evolink", ratio="9:16", resolution="480p", seconds=7, sound=False)
    ((_, shots),) = await boards(home)

    assert {("evolink", "9:16", "480p", 7, False)} == {
        (s.request.provider, s.request.ratio, s.request.resolution, s.request.seconds, s.request.sound)
        for s in shots
    }


def test_options_survive_the_form():
    """What is packed into a custom_id comes out again, and fits."""
    request = a_request(
        prompt="",
        provider="seedance2ink",
        model="jimeng-video-3.5-pro",
        ratio="adaptive",
        resolution="1080p",
        seconds=15,
        sound=False,
    )

    assert (request, False) == unpacked(packed(request, continuous=False))
    assert len(f"matinee:shots:asked:{packed(request, continuous=False)}") <= 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one", "2 to 6 shots"),
        ("\n".join("abcdefg"), "these are 7"),
        ("a boat\na storm with @3", "Shot 2"),
    ],
)
async def test_what_cannot_be_made_is_said_before_anything_is_spent(home, text, words):
    """The shot that is wrong is named."""
    done = await asked(home, text=text)

    assert words in told(done)
    assert [] == await boards(home)


async def test_an_unknown_model_is_refused_before_the_form(home):
    """Nobody writes six prompts for nothing."""
    refused = await home.ann.slash(home.channel, "storyboard", model="vhs")

    assert refused.modal is None
    assert "vhs" in told(refused)


async def test_models_complete_themselves(home):
    """As with /video."""
    offered = await home.ann.autocomplete(home.channel, "storyboard", "model", "fast")

    assert "seedance-2.0-fast" in [choice["value"] for choice in offered]


async def test_redo_opens_the_words_of_a_failed_shot(home):
    """Its member changes them and sends them: the shot is made again, and is their own to pay."""
    board, shots, message = await standing(home, Status.DELIVERED, Status.REFUSED)
    opened = await home.ann.click(message, label="Redo shot 2")
    done = await home.ann.submit_modal(opened, {"shots": "a calm sea"})
    _, after = await home.house.storyboards.find(board.id)

    assert "Shot 2 is being made again" in told(done)
    assert ("a calm sea", shots[1].id) == (after[1].asked.prompt, after[1].parent_id)


async def test_redo_is_for_its_member_alone(home):
    """Nobody else spends their quota, not even a moderator."""
    board, shots, message = await standing(home, Status.DELIVERED, Status.FAILED)
    for stranger in (home.ben, home.mod):
        refused = await stranger.click(message, label="Redo shot 2")
        assert refused.modal is None
        assert "Only the one who asked" in told(refused)

    assert shots == (await home.house.storyboards.find(board.id))[1]


async def test_a_shot_is_redone_once(home):
    """A form that was opened twice makes one shot."""
    _, _, message = await standing(home, Status.DELIVERED, Status.FAILED)
    first = await home.ann.click(message, label="Redo shot 2")
    second = await home.ann.click(message, label="Redo shot 2")
    await home.ann.submit_modal(first, {"shots": "a gale"})
    late = await home.ann.submit_modal(second, {"shots": "a gale"})

    assert "is being made" in told(late)


async def test_a_notice_carries_the_same_buttons(home):
    """Redo and the end are a press away where the news is read."""
    board, shots, _ = await standing(home, Status.DELIVERED, Status.FAILED)
    message = await post(home, notice(shots[1], CardFacts(home.house.clock())))
    opened = await home.ann.click(message, label="Redo shot 2")
    await home.ann.click(message, label="Stop here")

    assert opened.modal is not None
    assert (await home.house.storyboards.find(board.id))[0].enough


@pytest.mark.parametrize(("who", "allowed"), [("ann", True), ("mod", True), ("ben", False)])
async def test_half_way_is_ended_by_its_member_or_a_moderator(home, who, allowed):
    """What is made is joined; a stranger can't."""
    board, _, message = await standing(home, Status.DELIVERED, Status.FAILED)
    done = await getattr(home, who).click(message, label="Stop and join what is made")

    assert allowed is ("what is made is joined" in told(done))
    assert allowed is (await home.house.storyboards.find(board.id))[0].enough


async def test_what_counts_in_full_is_asked_about_first(home):
    """A shot at a provider that stops nothing counts; the first press only says so."""
    board, _, message = await standing(home, Status.RUNNING)
    first = await home.ann.click(message, label="Cancel")
    asked_about = (await home.house.storyboards.find(board.id))[0].enough
    second = await home.ann.click(first.response, label="Cancel (counts in full)")

    assert not asked_about
    assert "Cancel anyway?" in told(first)
    assert "counts in full" in told(second)
    assert (await home.house.storyboards.find(board.id))[0].enough


async def test_what_is_joined_is_not_ended_any_more(home):
    """The film is on its way."""
    board, _, message = await standing(home, Status.DELIVERED, Status.FAILED)
    await home.house.storyboards.boards.note(board.id, status=BoardStatus.JOINING)

    assert "too late" in told(await home.ann.click(message, label="Stop and join what is made"))
    assert "too late" in told(await home.ann.click(message, label="Redo shot 2"))


async def test_single_shots_are_handed_over(home):
    """Its member chooses one and gets the file, privately."""
    board, shots, message = await standing(home, Status.DELIVERED, Status.FAILED)
    choice = await home.ann.click(message, label="Single shots")
    done = await home.ann.select(choice.response, ["1"], custom_id=f"matinee:shots:get:{board.id}")

    assert done.response.ephemeral
    assert [f"matinee-{shots[0].id}.mp4"] == [each.filename for each in done.response.attachments]


async def test_single_shots_are_not_for_strangers(home):
    """Somebody else reads that it isn't theirs."""
    _, _, message = await standing(home, Status.DELIVERED)

    assert "Only the one who asked" in told(await home.ben.click(message, label="Single shots"))


async def test_a_large_shot_comes_as_a_link(home):
    """What Discord doesn't take is served by us."""
    board, shots, message = await standing(home, Status.DELIVERED)
    large = replace(shots[0].film, size=10**9)
    await home.house.generations._store.note(shots[0].id, film=large)
    choice = await home.ann.click(message, label="Single shots")
    done = await home.ann.select(choice.response, ["1"], custom_id=f"matinee:shots:get:{board.id}")

    assert f"https://bot.example/films/{shots[0].id}/" in told(done)


async def test_again_makes_the_whole_storyboard_anew(home):
    """Anybody may, at their own cost; the form is filled in."""
    board, shots, _ = await standing(home, *[Status.DELIVERED] * 3, seconds=6)
    joined = replace(film_of(board, shots, home.house.clock()), status=Status.DELIVERED)
    message = await post(home, film(joined, CardFacts(home.house.clock())))
    opened = await home.ben.click(message, label="Again")
    filled_in = str(opened.modal)
    done = await home.ben.submit_modal(opened, {"shots": "a boat\na gale"})

    assert "an island" in filled_in
    assert "2 videos and 12 seconds" in told(done)


async def test_a_joined_film_is_extended_like_any_other(home):
    """Its last frame is the last shot's; the form is one film's, not a storyboard's."""
    board, shots, _ = await standing(home, *[Status.DELIVERED] * 3)
    path = home.house.generations._hosting.films_dir / f"{board.id}.mp4"
    path.write_bytes(b"film")
    joined = replace(film_of(board, shots, home.house.clock()), due_at=None)
    await home.house.storyboards.boards.put_film(board, joined, home.house.clock())
    made = Film(f"films/{path.name}", 4, "", 1280, 720, timedelta(seconds=15), sound=True)
    await home.house.generations._store.note(board.id, status=Status.DELIVERED, film=made)
    message = await post(home, film(joined, CardFacts(home.house.clock())))
    opened = await home.ann.click(message, label="Extend")

    assert f"matinee:extended:{board.id}" == opened.modal["custom_id"]


async def test_what_is_dear_is_confirmed_first(home):
    """Above a set price nothing is reserved before its member has said yes; the press begins it."""
    object.__setattr__(home.house, "ordering", replace(home.house.ordering, confirm_above=1))
    question = await asked(home)
    before = await boards(home)
    found = re.search(storyboard.CONFIRM, str(question.response.components))
    view = storyboard.confirmation(found["order"], speaker("en-US"), continuous=True)
    seen_by_all = await post(home, Draft("?", view=view))
    stranger = await home.ben.click(seen_by_all, label="Confirm")
    done = await home.ann.click(question.response, label="Confirm")

    assert [] == before
    assert "Shall it be made?" in told(question)
    assert "3 shots" not in told(stranger)
    assert "3 shots" in told(done)
    assert 1 == len(await boards(home))


async def test_a_form_may_be_sent_after_a_restart(home):
    """What the form is for stands in its id: nothing lives in memory."""
    opened = await home.ann.slash(home.channel, "storyboard", continuous=False)
    assert opened.modal["custom_id"].startswith("matinee:shots:asked:")
    cog = home.client.get_cog("Storyboard")
    await home.client.remove_cog("Storyboard")
    await home.client.add_cog(type(cog)(home.client))
    await home.ann.submit_modal(opened, {"shots": PROMPTS})
    ((board, _),) = await boards(home)

    assert not board.continuous


async def test_a_card_says_how_each_shot_stands(home):
    """One card for all: what is made, what failed and why, what waits."""
    board, shots, message = await standing(home, Status.DELIVERED, Status.REFUSED)
    text = message.embeds[0].description

    assert "Made." in text
    assert "Waits for shot 2." in text
    assert board.id == message.embeds[0].footer.text
    shown = [storyboard.Shown(shot, CardFacts(home.house.clock())) for shot in shots]
    drafts = [storyboard.card(board, shown, None, None, charged=charged) for charged in (False, True)]
    assert len({card_digest(draft) for draft in drafts}) == 2
