"""The three provider APIs on this machine: real HTTP, real films, nobody's money.

`StandIns` runs them inside a program, `serve` alone. They are strangers to the bot: they know its providers
only by the providers' own pages, and share no code with it, so that a mistake there can't hide here.

Each provider has a port of its own, on which its documented paths are to the letter. Words in a prompt decide
what its content rules make of it: `forbidden` is refused at submit, `forbidden face` by the later review, and
so is `forbidden sound`, unless it is asked for without sound.
Where a page is silent the stand-ins take the plainest guess; each guess says so where it stands in the code.

**The control API** lies under `/control` on every port and speaks JSON. `control.Control` is its client;
`records` has the shapes.

    GET    /control                        where the three are: {"maxapi": "http://…", …}
    POST   /control/faults                 put a `records.Fault` in force -> 201 {"id": 1}
    GET    /control/faults                 the faults in force, each with how often it will still strike
    DELETE /control/faults[/1]             take all of them back, or one
    GET    /control/ledger[?provider=…]    a `records.Ledger`: requests, tasks, charges, callbacks, media
    DELETE /control/ledger                 begin a new page
    GET    /control/settings/{provider}    a `records.Settings`
    PATCH  /control/settings/{provider}    change some of them
    POST   /control/tasks/{id}/callback    send its callback once more
    POST   /control/tasks/{id}/end         end it now: a `records.End`, with a film if empty

A fault that is not understood gets a 422 which says why. `kind` is one of these. `on` names the requests that
the first group meets: submit, query, cancel, models, credits, upload, result, any. The others meet tasks,
when they are created.

    slow              `seconds` late; with `charged`, the request is acted on first and answered late
    rate_limit        429 with `retry_after`, as it stands, or without
    error             `status` in the provider's own envelope; with `charged`, after the task was accepted
    close             the connection breaks without an answer; with `charged`, after the task was accepted
    garbage           200 with `body`; with `charged`, after the task was accepted
    moderation        refused by the content rules at once

    review            refused by the content rules at the end
    failure           fails with `reason`
    timeout           maxapi's TIMEOUT, else a failure that says so
    cancelled         cancelled, by nobody's wish
    endless           never ends, unless told to
    unknown_status    shows `word` until it ends
    lost_callback     no callback is sent
    double_callback   it is sent twice at once
    late_callback     it is sent after `seconds`
    expired_result    the film's link answers `status`, for the first `downloads` or always
    giant_result      the film has `megabytes`, and plays
    truncated_result  only `share` of the film comes, for the first `downloads` or always

A fault strikes `times` times (None: until it is taken back), for one `provider` or all, and only where the
prompt contains `prompt`, if that is given. When several meet, the slow ones add up, then the first other
counts.
"""

from bot.demo.stand_ins.server import KEYS, PACE, PORT, StandIns, serve

__all__ = ["KEYS", "PACE", "PORT", "StandIns", "serve"]
