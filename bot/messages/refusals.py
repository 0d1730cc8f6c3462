"""A sentence for every code with which we refuse a request: the culprit, the rule, what is allowed."""

from __future__ import annotations

from bot.i18n import later

_OPTION = later("`{option}` can't be {value} with {where}. Possible: {allowed}.")

OF_PROMPT = {
    "prompt_empty": later("`prompt` is empty. Please say what the film should show."),
    "prompt_long": later("`prompt` has {length} characters. With {where}: {most} at most."),
    "reference_missing": later(
        "`prompt` mentions {reference}, but there is no such file. Files attached: {files}."
    ),
}
OF_OPTIONS = {
    "provider": later("`provider` can't be {value} here. Possible: {allowed}."),
    "model": later("`model` can't be {value} here. Possible: {allowed}."),
    "ratio": _OPTION,
    "resolution": _OPTION,
    "seconds": _OPTION,
    "mode": later("The mode ({value}) isn't possible with {where}. Possible: {allowed}."),
    "sound": later("`sound` can't be chosen with {where}: there is no switch for it."),
    "fallback": later("`fallback` can't be chosen with {where}: another model is never taken there."),
    "web_search": later("`web_search` isn't possible with {where} in this mode."),
    "shots_count": later("A storyboard has {least} to {most} shots, one per line; these are {count}."),
    "last_image_alone": later("`last_image` needs `image` too: the film runs from the one to the other."),
    "price_unknown": later("The price of {where} is unknown here, so it can't be reserved."),
}
OF_FILES = {
    "files_for_mode": later("The mode ({mode}) takes {most} files, not {count}."),
    "files_none": later("`/reference` needs a file at least."),
    "files_many": later("{count} files are too many. With {where}: {most} at most."),
    "kind_unsupported": later(
        "{file} is a {kind}, which can't be used in this mode with {where}. Possible: {allowed}."
    ),
    "kind_many": later("{count} files of one kind ({kind}) are too many. With {where}: {most} at most."),
    "sound_alone": later("{file} is sound alone: add a picture or a clip."),
    "pictures_few": later(
        "With {where}, so few pictures ({count}) would be taken as frames. "
        "As references attach {least} at least, or choose EvoLink (`provider`); as frames use `/video`."
    ),
    "total_long": later(
        "The files of one kind ({kind}) last {value} together. With {where}: {most} at most."
    ),
}
OF_ONE_FILE = {
    "file_empty": later("{file} is empty."),
    "empty": later("{file} is empty."),
    "not_media": later("{file} is neither a picture nor a clip nor a sound that can be used."),
    "misnamed": later("{file} isn't what its name says: it is of type {value}. Please rename it."),
    "truncated": later("{file} is broken: its end is missing."),
    "unreadable": later("{file} is broken and can't be read."),
    "too_complex": later("{file} is too complex to be checked. Please save it anew and try again."),
    "file_type": later("{file} is of type {value}. With {where}: {allowed}."),
    "file_large": later("{file} has {value}; {most} at most."),
    "side_short": later("{file} has {width} × {height} pixels; the shorter side must have {least} at least."),
    "side_long": later("{file} has {width} × {height} pixels; the longer side may have {most} at most."),
    "shape": later(
        "{file} has {width} × {height} pixels; width ÷ height must lie between {least} and {most}."
    ),
    "pixels_few": later("{file} has {width} × {height} = {value} pixels; it must have {least} at least."),
    "pixels_many": later("{file} has {width} × {height} = {value} pixels; it may have {most} at most."),
    "file_short": later("{file} lasts {value}; it must last {least} at least."),
    "file_long": later("{file} lasts {value}; it may last {most} at most."),
    "frame_rate": later("{file} has {value} frames per second; between {least} and {most} are possible."),
    "not_a_film": later("{file} isn't a film that can be played."),
    "file_gone": later("{file} is no longer kept here. Please attach it again with the command."),
    "file_not_loaded": later("{file} could not be loaded from Discord. Please attach it again."),
    "file_address": later("{file} lies at an address that this bot may not load from."),
    "needs_public_url": later(
        "{where} can't load a picture that this bot made, because the bot has no public address. "
        "Choose EvoLink (`provider`), or ask the operator to set `PUBLIC_URL`."
    ),
}
OF_PRESSES = {
    "shots_over": later("It is too late: this storyboard is joined already, or has ended."),
    "shot_going": later("Shot {number} is being made, or waits for somebody to look at it."),
    "shot_made": later("Shot {number} is made already."),
    "shots_none": later("No shot of this storyboard is made yet."),
    "too_late": later("It is too late to cancel: the film is made, or the generation has ended."),
    "not_admin": later("Only those who may manage this server can do that."),
    "not_operator": later("Only those who run this bot can do that."),
    "permissions_there": later("The bot may not post in {channel}. It lacks: {missing}."),
    "not_theirs": later("Only the one who asked for it may do that: it counts against their limits."),
    "not_yours": later("Only the one who asked for it, or a moderator of this channel, may do that."),
    "permissions": later(
        "The bot may not post here. It lacks: {missing}. Please ask a moderator of this server."
    ),
    "film_gone": later("This film is no longer kept here."),
    "film_not_loaded": later("The film could not be loaded from Discord just now. Please try again."),
    "film_unreadable": later("The last picture of this film can't be read."),
    "dm_closed": later("I can't write to you: your direct messages are closed for this server's members."),
    "no_other_ratio": later("{where} makes films like this in one ratio only."),
    "no_higher_resolution": later("{where} makes nothing sharper than {value} here."),
    "no_sound_switch": later("{where} has no switch for sound."),
    "no_other_model": later("No other provider or model here can make the same."),
    "film_large": later("This film is too large to be sent here ({value}; {most} at most)."),
    "no_picture_there": later("There is no picture in this message."),
    "nothing_there": later("There is no picture, clip or sound in this message."),
    "no_film_there": later("This message isn't about a film of mine."),
    "film_is_no_picture": later(
        "This is a film, not a picture. To go on from its end press Extend or Use last frame below it."
    ),
    "clip_is_no_picture": later(
        "{file} is a clip, not a picture. A new film can borrow from it: Apps, Use as reference."
    ),
    "order_gone": later("This has been answered already, or is too old. Please give the command again."),
    "slow": later("That took too long. Please press again."),
    "act_gone": later("That isn't possible any more: it has moved on. `/admin queue` shows how it stands."),
    "queue_gone": later("It is no longer under way here. `/admin queue` shows what is."),
    "setting_gone": later("This can't be chosen any more. Please open `/settings` again."),
    "preset_nameless": later("A preset needs a name."),
    "preset_name_long": later("This name has {length} characters; {most} at most."),
    "preset_prompt_long": later("The words of a preset may have {most} characters; these have {length}."),
    "preset_empty": later("This preset says nothing. Please give words or options to be saved."),
    "preset_unknown": later("You have no preset {value}. `/preset list` shows yours."),
    "presets_many": later("You have {most} presets, which is the limit. Delete one first."),
}
OF_PATTERNS = {
    "pattern_long": later("This pattern has {length} characters; {most} at most."),
    "pattern_unreadable": later(
        "The pattern {value} can't be read: all brackets must close, "
        "and it may not look around or refer back."
    ),
    "pattern_large": later("The pattern {value} would take too long. Please repeat less in it."),
    "pattern_of_everything": later("The pattern {value} would match any text. Please be more specific."),
}
OF_RULES = {
    "blocked": later("You may not make films on this server. Its admins can tell you more."),
    "blocked_because": later("You may not make films on this server. The reason: {why}."),
    "blocked_until": later("You may not make films on this server. That ends {until}."),
    "blocked_until_because": later(
        "You may not make films on this server. That ends {until}. The reason: {why}."
    ),
    "banned": later("You may not make films with this bot. Its operator can tell you more."),
    "banned_because": later("You may not make films with this bot. The reason: {why}."),
    "banned_until": later("You may not make films with this bot. That ends {until}."),
    "banned_until_because": later(
        "You may not make films with this bot. That ends {until}. The reason: {why}."
    ),
    "struck": later(
        "Content rules refused too many of your films, which the provider may charge for. "
        "You can make films here again {until}."
    ),
    "struck_out": later(
        "Content rules refused too many of your films today, which the provider may charge for. "
        "You can make films again {until}."
    ),
    "queue_full": later("{count} films are waiting already, and no more may. Please try again later."),
    "channel_not_here": later("On this server films are made in other channels: {allowed}."),
    "age_only": later("On this server films are made in age-restricted channels only."),
    "paused_here": later("This server's admins have paused the bot. Please try again later."),
    "provider_paused": later(
        "The operator of this bot has paused {where}. Choose another `provider`, or try again later."
    ),
    "provider_paused_here": later(
        "This server's admins have paused {value}. Choose another `provider`, or leave it out."
    ),
    "words": later("`prompt` breaks this server's rules on words. Please put it in other words."),
    "not_on_server": later("`{option}` can't be {value} on this server. Possible: {allowed}."),
    "long_for_server": later("`seconds` can't be {value} on this server: {most} at most."),
    "rules_leave_nothing": later(
        "This server's rules leave no model that can make this. Choose other options, or ask its admins."
    ),
}
OF_DECISIONS = {
    "nothing_would_be_left": later("With that no model would be left that could be used here."),
    "not_here": later("`{option}` can't be {value} here. Possible: {allowed}."),
    "word_long": later("{value} is too long: {most} characters at most."),
    "word_empty": later("{value} has neither a letter nor a digit."),
    "words_many": later("The list would be too long: {most} at most."),
    "word_unknown": later("{value} isn't on that list."),
    "channel_not_listed": later("That channel isn't on the list of allowed channels."),
    "no_channel_left": later("That is the last allowed channel. To allow every channel, choose `anywhere`."),
    "channels_many": later("That would be too many channels: {most} at most."),
    "gallery_missing": later("Please name the channel too, with `gallery`."),
    "pauses_many": later("Please give between 1 and {most} pauses, with commas between them."),
    "pause_length": later("A pause lasts between a minute and a day."),
    "length_unreadable": later("{value} isn't a length of time. Write it as `30m`, `2h` or `1d 12h`."),
    "block_length": later("A block lasts between a minute and a year, or has no end."),
    "is_operator": later("That person runs this bot and can't be blocked."),
}
OF_MONEY = {
    "limit_whom": later("Please say whom the limit is about: either `whom`, `role` or `user`."),
    "limit_missing": later("There is no such limit."),
    "limits_many": later("That would be too many limits: {most} at most. Please clear one first."),
    "grant_nothing": later("Please say how much: `videos`, `seconds` or `credits`."),
    "refund_unknown": later("On this server there is no film {value}. Its id stands below its card."),
    "refund_twice": later("It was refunded already."),
    "refund_nothing": later("It doesn't count against its member: there is nothing to give back."),
    "refund_open": later(
        "It is still under way, so nothing is final yet. Should it end without a film, it counts nothing."
    ),
}
SENTENCES = {
    **OF_MONEY,
    **OF_DECISIONS,
    **OF_RULES,
    **OF_PROMPT,
    **OF_OPTIONS,
    **OF_FILES,
    **OF_ONE_FILE,
    **OF_PRESSES,
    **OF_PATTERNS,
}
WITHOUT_COST = frozenset({*OF_PRESSES, *OF_DECISIONS, *OF_PATTERNS, *OF_MONEY})
"""Codes of what would have cost nothing anyway."""
IN_BYTES = frozenset({"file_large", "film_large"})
"""Codes whose numbers are bytes."""
