-- add deed
INSERT INTO audit (id, guild_id, at, actor_id, actor, action, detail) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING;

-- deeds
SELECT audit.id, audit.guild_id, audit.at, audit.actor_id, audit.actor, audit.action, audit.detail
FROM audit
WHERE (? IS NULL OR audit.guild_id = ?) AND audit.at < ? ORDER BY audit.at DESC, audit.id DESC
 LIMIT ? OFFSET ?;

-- put block
INSERT INTO blocks (guild_id, user_id, until, reason, actor_id, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (guild_id, user_id) DO UPDATE SET until = ?, reason = ?, actor_id = ?, at = ?;

-- blocks of
SELECT blocks.guild_id, blocks.user_id, blocks.until, blocks.reason, blocks.actor_id, blocks.at
FROM blocks
WHERE blocks.user_id = ? AND blocks.guild_id IN (?, ?) ORDER BY blocks.guild_id;

-- blocked on
SELECT blocks.guild_id, blocks.user_id, blocks.until, blocks.reason, blocks.actor_id, blocks.at
FROM blocks
WHERE blocks.guild_id = ? AND (blocks.until IS NULL OR blocks.until > ?) ORDER BY blocks.at DESC, blocks.user_id
 LIMIT ? OFFSET ?;

-- refusals
SELECT generations.guild_id, generations.finished_at
FROM generations
WHERE generations.member = ? AND generations.status = 'refused' AND (generations.reason LIKE ? || '%') AND generations.reason != ? AND generations.finished_at > ? ORDER BY generations.finished_at;

-- usage here
SELECT reserved.member, max(generations.user_id) AS max_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END) AS BIGINT) AS sum_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END) AS BIGINT) AS sum_2, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END) AS BIGINT) AS sum_3, CAST(sum(CASE WHEN (ended.kind = 'settle') THEN 1 ELSE 0 END) AS BIGINT) AS sum_4, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_5, CAST(sum(CASE WHEN (ended.kind IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_6
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.guild_id = ? AND reserved.day BETWEEN ? AND ? AND reserved.kind = 'reserve' AND (? IS NULL OR reserved.member = ?) GROUP BY reserved.member ORDER BY reserved.member;

-- usage everywhere
SELECT reserved.member, max(generations.user_id) AS max_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END) AS BIGINT) AS sum_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END) AS BIGINT) AS sum_2, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END) AS BIGINT) AS sum_3, CAST(sum(CASE WHEN (ended.kind = 'settle') THEN 1 ELSE 0 END) AS BIGINT) AS sum_4, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_5, CAST(sum(CASE WHEN (ended.kind IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_6
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.day BETWEEN ? AND ? AND reserved.kind = 'reserve' AND (? IS NULL OR reserved.member = ?) GROUP BY reserved.member ORDER BY reserved.member;

-- lines here
SELECT generations.id, reserved.at, reserved.guild_id, reserved.member, generations.user_id, generations.requester, generations.provider, generations.model, generations.resolution, generations.seconds, generations.status, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END AS anon_1, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END AS anon_2, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END AS anon_3, CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END AS anon_4, generations.charged
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.guild_id = ? AND reserved.day BETWEEN ? AND ? AND reserved.kind = 'reserve' AND (? IS NULL OR reserved.member = ?) ORDER BY reserved.at, generations.id
 LIMIT ? OFFSET ?;

-- lines everywhere
SELECT generations.id, reserved.at, reserved.guild_id, reserved.member, generations.user_id, generations.requester, generations.provider, generations.model, generations.resolution, generations.seconds, generations.status, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END AS anon_1, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END AS anon_2, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END AS anon_3, CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END AS anon_4, generations.charged
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.day BETWEEN ? AND ? AND reserved.kind = 'reserve' AND (? IS NULL OR reserved.member = ?) ORDER BY reserved.at, generations.id
 LIMIT ? OFFSET ?;

-- refund
UPDATE generations SET refunded=1 WHERE generations.id = ? AND generations.version = ? AND generations.refunded = 0;

-- mark for forgetting
UPDATE generations SET due_at=CASE WHEN (generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused') AND NOT (EXISTS (SELECT *
FROM storyboards
WHERE storyboards.id = generations.storyboard_id AND storyboards.status IN ('joining', 'shooting')))) THEN ? ELSE generations.due_at END, woken=(generations.woken + CASE WHEN (generations.due_at IS NOT NULL OR generations.lease_until IS NOT NULL) THEN 1 ELSE 0 END), forget=1 WHERE generations.user_id = ?;

-- wake storyboards of
UPDATE storyboards SET woken=(storyboards.woken + 1) WHERE storyboards.user_id = ? AND (storyboards.due_at IS NOT NULL OR storyboards.lease_until IS NOT NULL);

-- marked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND generations.forget = 1 AND generations.due_at = ? AND generations.lease_until IS NULL AND generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused') ORDER BY generations.id
 LIMIT ? OFFSET ?;

-- is awaited
SELECT storyboards.id
FROM storyboards
WHERE storyboards.id = ? AND storyboards.status IN ('joining', 'shooting');

-- ended storyboards of
SELECT storyboards.id, storyboards.version
FROM storyboards
WHERE storyboards.user_id = ? AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL ORDER BY storyboards.id;

-- blank storyboard
UPDATE storyboards SET requester=?, place=?, interaction_id=?, card_id=NULL, card_shown=?, user_id=0 WHERE storyboards.id = ? AND storyboards.version = ?;

-- marked shots
SELECT count(*) AS count_1
FROM generations
WHERE generations.storyboard_id = ? AND generations.forget = 1;

-- release shots
UPDATE generations SET due_at=CASE WHEN (generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused')) THEN ? ELSE generations.due_at END, woken=(generations.woken + 1), forget=1 WHERE generations.storyboard_id = ? AND generations.user_id != 0;

-- left of
SELECT generations.id
FROM generations
WHERE generations.user_id = ? ORDER BY generations.id;

-- file in use
SELECT generations.id
FROM generations
WHERE (status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') OR generations.status = 'parked') AND generations.asked LIKE ?
 LIMIT 1 OFFSET ?;

-- forget preferences
DELETE FROM members WHERE members.user_id = ?;

-- forget presets
DELETE FROM presets WHERE presets.user_id = ?;

-- forget orders
DELETE FROM orders WHERE orders.user_id = ? RETURNING content;

-- forget presses
DELETE FROM presses WHERE presses.id LIKE ?;

-- orders of
SELECT orders.content, orders.created_at
FROM orders
WHERE orders.user_id = ?;

-- storyboards of
SELECT storyboards.id, storyboards.status, storyboards.place, storyboards.shots, storyboards.created_at
FROM storyboards
WHERE storyboards.user_id = ? ORDER BY storyboards.created_at, storyboards.id;

-- blocks of
SELECT blocks.guild_id, blocks.until, blocks.reason, blocks.at
FROM blocks
WHERE blocks.user_id = ?;

-- actions of
SELECT audit.guild_id, audit.at, audit.action, audit.detail
FROM audit
WHERE audit.actor_id = ? ORDER BY audit.at;

-- ledger of
SELECT ledger.generation_id, ledger.kind, ledger.provider, ledger.day, ledger.videos, ledger.seconds, ledger.credits, ledger.at
FROM ledger
WHERE ledger.member = ? ORDER BY ledger.at, ledger.generation_id, ledger.kind;

-- grants of
SELECT grants.guild_id, grants.period, grants.videos, grants.seconds, grants.credits, grants.at
FROM grants
WHERE grants.member = ? ORDER BY grants.at;

-- by id
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.id = ?;

-- held
SELECT generations.id
FROM generations
WHERE generations.id = ? AND generations.version = ?;

-- by interaction
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.interaction_id = ?;

-- history
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND generations.created_at < ? ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT ? OFFSET ?;

-- open of
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at, generations.id;

-- claim
WITH due AS
(SELECT generations.id AS id
FROM generations
WHERE generations.due_at IS NOT NULL AND generations.due_at <= ? AND (generations.lease_until IS NULL OR generations.lease_until <= ?) ORDER BY generations.due_at, generations.id
 LIMIT ? OFFSET ?)
 UPDATE generations SET version=(generations.version + 1), lease_until=?, begun=(generations.begun + 1) WHERE generations.id IN (SELECT due.id
FROM due) RETURNING id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, body, submitted_at, task_id, named_task_id, ask_at, asked_at, asks, misses, progress, expected_at, worst_at, task_status, urls, rendered_at, charged, reason, used_model, film, upload_limit, card_id, card_intended_at, card_shown, card_edited_at, posting_since, posting_place, message_id, message_channel_id, removed, notice, notice_since, finished_at, watch, counts_in_full, parent_id, tried, storyboard_id, shot, released_at, refunded, copy, copy_since, forget, begun;

-- claim ready
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = ? AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = ? AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= ? AND generations.cancel_wished = 0),
next AS
(SELECT generations.id AS id
FROM generations JOIN turns ON turns.id = generations.id
WHERE generations.status = 'queued' AND generations.cancel_wished = 0 AND generations.version > 0 AND (generations.lease_until IS NULL OR generations.lease_until <= ?) ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id
 LIMIT ? OFFSET ?)
 UPDATE generations SET version=(generations.version + 1), lease_until=?, begun=(generations.begun + 1) WHERE generations.id IN (SELECT next.id
FROM next) RETURNING id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, body, submitted_at, task_id, named_task_id, ask_at, asked_at, asks, misses, progress, expected_at, worst_at, task_status, urls, rendered_at, charged, reason, used_model, film, upload_limit, card_id, card_intended_at, card_shown, card_edited_at, posting_since, posting_place, message_id, message_channel_id, removed, notice, notice_since, finished_at, watch, counts_in_full, parent_id, tried, storyboard_id, shot, released_at, refunded, copy, copy_since, forget, begun;

-- turns
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = ? AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = ? AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= ? AND generations.cancel_wished = 0)
 SELECT generations.id
FROM generations JOIN turns ON turns.id = generations.id
WHERE generations.lease_until = ? ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id;

-- few wait
SELECT CASE WHEN (count(*) < 16) THEN 1 ELSE 0 END AS anon_1
FROM (SELECT generations.id AS id
FROM generations
WHERE generations.provider = ? AND status = 'queued' AND ready_at IS NOT NULL
 LIMIT 16 OFFSET ?) AS waiting;

-- place
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = ? AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = ? AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= ? AND generations.cancel_wished = 0)
 SELECT places.place
FROM (SELECT turns.id AS id, row_number() OVER (ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id) AS place
FROM turns) AS places
WHERE places.id = ?;

-- wake
UPDATE generations SET due_at=CASE WHEN (generations.due_at IS NULL OR generations.due_at > CASE WHEN (generations.asked_at + 1000000 > ?) THEN generations.asked_at + 1000000 ELSE ? END) THEN CASE WHEN (generations.asked_at + 1000000 > ?) THEN generations.asked_at + 1000000 ELSE ? END ELSE generations.due_at END, woken=(generations.woken + 1), named_task_id=CASE WHEN (generations.task_id IS NULL AND generations.user_id != 0 AND generations.provider = ? AND ? IS NOT NULL) THEN ? ELSE generations.named_task_id END WHERE generations.id = ?;

-- name task
UPDATE generations SET named_task_id=? WHERE generations.id = ? AND generations.task_id IS NULL AND generations.user_id != 0 AND generations.provider = ? AND (? IS NULL OR generations.named_task_id = ?);

-- wish cancel
UPDATE generations SET due_at=?, woken=(generations.woken + 1), cancel_wished=1 WHERE generations.id = ? AND status NOT IN ('cancelled', 'delivered', 'expired', 'failed', 'refused');

-- extend
UPDATE generations SET lease_until=? WHERE generations.id = ? AND generations.version = ? AND generations.lease_until IS NOT NULL;

-- clear leases
UPDATE generations SET lease_until=NULL WHERE generations.lease_until IS NOT NULL;

-- next due
SELECT (SELECT generations.due_at
FROM generations
WHERE generations.due_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= ?) ORDER BY generations.due_at
 LIMIT 1 OFFSET ?) AS anon_1, (SELECT min(CASE WHEN (generations.lease_until <= ?) THEN NULL WHEN (generations.due_at > generations.lease_until) THEN generations.due_at ELSE generations.lease_until END) AS min_1
FROM generations
WHERE generations.lease_until IS NOT NULL AND generations.due_at IS NOT NULL) AS anon_2;

-- counts
SELECT generations.status, count(*) AS count_1
FROM generations GROUP BY generations.status;

-- durations
SELECT generations.submitted_at, generations.rendered_at, generations.asked_at, generations.ask_at
FROM generations
WHERE generations.provider = ? AND generations.model = ? AND generations.resolution = ? AND generations.seconds = ? AND generations.rendered_at IS NOT NULL AND generations.submitted_at IS NOT NULL ORDER BY generations.rendered_at DESC
 LIMIT ? OFFSET ?;

-- grant
INSERT INTO grants (id, guild_id, member, scope, subject, period, videos, seconds, credits, actor_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING;

-- raise
INSERT INTO counters (scope, subject, period, videos, seconds, credits, granted_videos, granted_seconds, granted_credits) VALUES (?, ?, ?, 0, 0, 0, ?, ?, ?) ON CONFLICT (scope, subject, period) DO UPDATE SET granted_videos = (counters.granted_videos + ?), granted_seconds = (counters.granted_seconds + ?), granted_credits = (counters.granted_credits + ?);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) SELECT ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, ? AS anon_6
WHERE (? = 0 OR ? IS NULL OR ? <= ? OR ? <= ? + coalesce((SELECT counters.granted_videos
FROM counters
WHERE counters.scope = ? AND counters.subject = ? AND counters.period = ?), 0)) AND (? = 0 OR ? IS NULL OR ? <= ? OR ? <= ? + coalesce((SELECT counters.granted_seconds
FROM counters
WHERE counters.scope = ? AND counters.subject = ? AND counters.period = ?), 0)) AND (? = 0 OR ? IS NULL OR ? <= ? OR ? <= ? + coalesce((SELECT counters.granted_credits
FROM counters
WHERE counters.scope = ? AND counters.subject = ? AND counters.period = ?), 0)) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + ?), seconds = (counters.seconds + ?), credits = (counters.credits + ?) WHERE (? = 0 OR ? IS NULL OR counters.videos + ? <= ? + counters.granted_videos) AND (? = 0 OR ? IS NULL OR counters.seconds + ? <= ? + counters.granted_seconds) AND (? = 0 OR ? IS NULL OR counters.credits + ? <= ? + counters.granted_credits);

-- give
UPDATE counters SET videos=(counters.videos - ?), seconds=(counters.seconds - ?), credits=(counters.credits - ?) WHERE counters.scope = ? AND counters.subject = ? AND counters.period = ? AND counters.videos >= ? AND counters.seconds >= ? AND counters.credits >= ?;

-- standing
SELECT counters.videos, counters.seconds, counters.credits, counters.granted_videos, counters.granted_seconds, counters.granted_credits
FROM counters
WHERE counters.scope = ? AND counters.subject = ? AND counters.period = ?;

-- enter
INSERT INTO ledger (generation_id, kind, member, guild_id, provider, day, videos, seconds, credits, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- enter refund
INSERT INTO ledger (generation_id, kind, member, guild_id, provider, day, videos, seconds, credits, at) SELECT ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, ? AS anon_6, ? AS anon_7, ? AS anon_8, ? AS anon_9, ? AS anon_10
WHERE EXISTS (SELECT *
FROM ledger AS earlier
WHERE earlier.generation_id = ? AND earlier.kind = 'settle') ON CONFLICT DO NOTHING;

-- preferences of
SELECT members.preferences
FROM members
WHERE members.user_id = ?;

-- put preferences
INSERT INTO members (user_id, preferences, updated_at) VALUES (?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET preferences = ?, updated_at = ? WHERE members.preferences = ?;

-- turn
INSERT INTO members (user_id, preferences, updated_at) VALUES (?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET updated_at = ?;

-- put preset
INSERT INTO presets (user_id, name, preset, updated_at) SELECT ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4
WHERE (EXISTS (SELECT *
FROM presets AS own
WHERE own.user_id = ? AND own.name = ?)) OR (SELECT count(*) AS count_1
FROM presets AS own
WHERE own.user_id = ?) < ? ON CONFLICT (user_id, name) DO UPDATE SET preset = ?, updated_at = ?;

-- presets of
SELECT presets.preset
FROM presets
WHERE presets.user_id = ? ORDER BY presets.name;

-- preset of
SELECT presets.preset
FROM presets
WHERE presets.user_id = ? AND presets.name = ?;

-- delete preset
DELETE FROM presets WHERE presets.user_id = ? AND presets.name = ?;

-- put order
INSERT INTO orders (id, user_id, content, created_at) VALUES (?, ?, ?, ?);

-- get order
SELECT orders.content
FROM orders
WHERE orders.id = ? AND orders.user_id = ?;

-- take order
DELETE FROM orders WHERE orders.id = ? AND orders.user_id = ? RETURNING content;

-- sweep orders
DELETE FROM orders WHERE orders.created_at < ? RETURNING content;

-- never
DELETE FROM orders WHERE 0 = 1;

-- sweep presses
DELETE FROM presses WHERE presses.at < ?;

-- press
INSERT INTO presses (id, generation_id, at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET generation_id = ?, at = ? WHERE presses.at <= ?;

-- pressed
SELECT presses.generation_id
FROM presses
WHERE presses.id = ?;

-- waiting
SELECT count(*) AS count_1
FROM (SELECT generations.status AS status
FROM generations
WHERE generations.status = 'queued'
 LIMIT ? OFFSET ?) AS waiting;

-- at providers here
SELECT generations.provider, count(*) AS count_1
FROM generations
WHERE generations.guild_id = ? AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1) GROUP BY generations.provider;

-- left
SELECT (SELECT count(*) AS count_1
FROM generations
WHERE status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND NOT (EXISTS (SELECT 1
FROM storyboards
WHERE storyboards.id = generations.storyboard_id AND storyboards.status IN ('joining', 'shooting')))) AS anon_1, (SELECT count(*) AS count_2
FROM generations
WHERE NOT (status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NOT NULL AND NOT (EXISTS (SELECT 1
FROM storyboards
WHERE storyboards.id = generations.storyboard_id AND storyboards.status IN ('joining', 'shooting')))) AS anon_2, (SELECT count(*) AS count_3
FROM storyboards
WHERE storyboards.status IN ('joining', 'shooting')) AS anon_3;

-- anything ended
SELECT generations.id
FROM generations
WHERE generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL
 LIMIT 1 OFFSET ?;

-- purge entries
WITH ended AS
(SELECT generations.id AS id
FROM generations
WHERE generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL ORDER BY generations.finished_at
 LIMIT ? OFFSET ?)
 DELETE FROM ledger WHERE ledger.generation_id IN (SELECT ended.id
FROM ended) RETURNING 1;

-- purge generations
WITH unbilled AS
(SELECT generations.id AS id
FROM generations
WHERE generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.generation_id = generations.id)) ORDER BY generations.finished_at
 LIMIT ? OFFSET ?)
 DELETE FROM generations WHERE generations.id IN (SELECT unbilled.id
FROM unbilled) RETURNING 1;

-- anything over
SELECT storyboards.id
FROM storyboards
WHERE storyboards.finished_at < ? AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told')))))
 LIMIT 1 OFFSET ?;

-- purge entries of shots
WITH over AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < ? AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT ? OFFSET ?)
 DELETE FROM ledger WHERE ledger.generation_id IN (SELECT generations.id
FROM generations
WHERE generations.storyboard_id IN (SELECT over.id
FROM over)) RETURNING 1;

-- purge shots
WITH over AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < ? AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT ? OFFSET ?)
 DELETE FROM generations WHERE generations.storyboard_id IN (SELECT over.id
FROM over) AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.generation_id = generations.id)) RETURNING 1;

-- purge storyboards
WITH over AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < ? AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < ? AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT ? OFFSET ?)
 DELETE FROM storyboards WHERE storyboards.id IN (SELECT over.id
FROM over) AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id)) RETURNING 1;

-- any period past
SELECT counters.period
FROM counters
WHERE counters.period < ? AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.day BETWEEN counters.period AND counters.period || '-31'))
 LIMIT 1 OFFSET ?;

-- purge counters
DELETE FROM counters WHERE (counters.scope, counters.subject, counters.period) IN (SELECT counters.scope, counters.subject, counters.period
FROM counters
WHERE counters.period < ? AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.day BETWEEN counters.period AND counters.period || '-31'))
 LIMIT ? OFFSET ?);

-- any old deed
SELECT audit.id
FROM audit
WHERE audit.at < ?
 LIMIT 1 OFFSET ?;

-- purge deeds
DELETE FROM audit WHERE audit.id IN (SELECT audit.id
FROM audit
WHERE audit.at < ?
 LIMIT ? OFFSET ?);

-- any old grant
SELECT grants.id
FROM grants
WHERE grants.period < ?
 LIMIT 1 OFFSET ?;

-- purge grants
DELETE FROM grants WHERE grants.id IN (SELECT grants.id
FROM grants
WHERE grants.period < ?
 LIMIT ? OFFSET ?);

-- rules of
SELECT servers.rules, servers.version
FROM servers
WHERE servers.guild_id = ?;

-- put rules
INSERT INTO servers (guild_id, rules, version, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (guild_id) DO UPDATE SET rules = ?, version = ?, updated_at = ? WHERE servers.version = ?;

-- start storyboard
INSERT INTO storyboards (id, status, requester, member, place, interaction_id, created_at, updated_at, due_at, shots, continuous, version, woken, lease_until, joined, enough, stuck_since, misses, card_id, card_intended_at, card_shown, card_edited_at, finished_at, user_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interaction_id) DO NOTHING;

-- storyboard by id
SELECT storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at
FROM storyboards
WHERE storyboards.id = ?;

-- storyboard held
SELECT storyboards.id
FROM storyboards
WHERE storyboards.id = ? AND storyboards.version = ?;

-- storyboard by interaction
SELECT storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at
FROM storyboards
WHERE storyboards.interaction_id = ?;

-- claim storyboards
WITH due_boards AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND storyboards.due_at <= ? AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= ?) ORDER BY storyboards.due_at, storyboards.id
 LIMIT ? OFFSET ?)
 UPDATE storyboards SET version=(storyboards.version + 1), lease_until=? WHERE storyboards.id IN (SELECT due_boards.id
FROM due_boards) RETURNING id, status, requester, member, place, interaction_id, created_at, updated_at, due_at, shots, continuous, version, woken, lease_until, joined, enough, stuck_since, misses, card_id, card_intended_at, card_shown, card_edited_at, finished_at;

-- wake storyboard
UPDATE storyboards SET due_at=?, woken=(storyboards.woken + 1) WHERE storyboards.id = ? AND storyboards.status IN ('joining', 'shooting');

-- enough shots
UPDATE storyboards SET due_at=?, woken=(storyboards.woken + 1), enough=1 WHERE storyboards.id = ? AND storyboards.status = 'shooting';

-- extend storyboard
UPDATE storyboards SET lease_until=? WHERE storyboards.id = ? AND storyboards.version = ? AND storyboards.lease_until IS NOT NULL;

-- clear leases of storyboards
UPDATE storyboards SET lease_until=NULL WHERE storyboards.lease_until IS NOT NULL;

-- next storyboard due
SELECT (SELECT storyboards.due_at
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= ?) ORDER BY storyboards.due_at
 LIMIT 1 OFFSET ?) AS anon_1, (SELECT min(storyboards.lease_until) AS min_1
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND storyboards.due_at <= ? AND storyboards.lease_until > ?) AS anon_2;

-- shots
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.storyboard_id = ? AND generations.shot IS NOT NULL ORDER BY generations.shot, generations.created_at, generations.id;

-- turn off
INSERT INTO switches (name, actor_id, at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING;

-- turn on
DELETE FROM switches WHERE ? IS NULL OR switches.name = ?;

-- turned off
SELECT switches.name
FROM switches ORDER BY switches.name;

-- latest
SELECT max(generations.updated_at) AS max_1
FROM generations
WHERE generations.due_at IS NOT NULL;

-- waits
SELECT CASE WHEN ((SELECT generations.due_at
FROM generations
WHERE generations.due_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= ?) ORDER BY generations.due_at
 LIMIT 1 OFFSET ?) <= ? OR (SELECT generations.ready_at
FROM generations
WHERE status = 'queued' AND ready_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= ?) ORDER BY generations.ready_at
 LIMIT 1 OFFSET ?) <= ? OR (SELECT storyboards.due_at
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= ?) ORDER BY storyboards.due_at
 LIMIT 1 OFFSET ?) <= ?) THEN 1 ELSE 0 END AS anon_1;

-- ready
SELECT (SELECT generations.ready_at
FROM generations
WHERE generations.provider = ? AND status = 'queued' AND ready_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= ?) ORDER BY generations.ready_at
 LIMIT 1 OFFSET ?) AS anon_1;

-- set back
UPDATE generations SET due_at=CASE WHEN (generations.due_at > ?) THEN ? ELSE generations.due_at END, lease_until=CASE WHEN (generations.lease_until > ?) THEN ? ELSE generations.lease_until END, ready_at=CASE WHEN (generations.ready_at > ?) THEN ? ELSE generations.ready_at END, ask_at=CASE WHEN (generations.ask_at > ?) THEN ? ELSE generations.ask_at END, asked_at=CASE WHEN (generations.asked_at > ?) THEN ? ELSE generations.asked_at END, card_edited_at=CASE WHEN (generations.card_edited_at > ?) THEN ? ELSE generations.card_edited_at END WHERE generations.due_at > ? OR generations.lease_until > ?;

-- set back boards
UPDATE storyboards SET due_at=CASE WHEN (storyboards.due_at > ?) THEN ? ELSE storyboards.due_at END, lease_until=CASE WHEN (storyboards.lease_until > ?) THEN ? ELSE storyboards.lease_until END, stuck_since=CASE WHEN (storyboards.stuck_since > ?) THEN ? ELSE storyboards.stuck_since END, card_edited_at=CASE WHEN (storyboards.card_edited_at > ?) THEN ? ELSE storyboards.card_edited_at END WHERE storyboards.due_at > ? OR storyboards.lease_until > ?;

-- start
INSERT INTO generations (id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, urls, notice, tried, user_id, provider, model, resolution, seconds, guild_id, prompt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interaction_id) DO NOTHING;

-- move
UPDATE generations SET status=?, updated_at=?, due_at=CASE WHEN (generations.woken > ?) THEN ? ELSE ? END, version=(generations.version + 1), woken=CASE WHEN (generations.woken > ?) THEN generations.woken - ? ELSE 0 END, lease_until=?, attempts=?, begun=CASE WHEN (? IS NULL) THEN 0 ELSE generations.begun END WHERE generations.id = ? AND generations.version = ? AND generations.status = ? RETURNING status, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, named_task_id, ask_at, asked_at, card_id, card_intended_at, card_shown, card_edited_at, message_id, removed, refunded, forget, begun;

-- note
UPDATE generations SET card_id=? WHERE generations.id = ? AND generations.user_id != 0 AND (? IS NULL OR generations.version = ?);

-- note
UPDATE generations SET due_at=CASE WHEN (generations.version != ?) THEN ? ELSE generations.due_at END, woken=CASE WHEN (generations.version != ?) THEN generations.woken + 1 ELSE generations.woken END, card_id=?, card_shown=?, card_edited_at=? WHERE generations.id = ? AND generations.user_id != 0;

-- take freely
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits) WHERE counters.videos + excluded.videos <= ? + counters.granted_videos;

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits) WHERE counters.videos + excluded.videos <= ? + counters.granted_videos AND counters.seconds + excluded.seconds <= ? + counters.granted_seconds;

-- listed here
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.guild_id = ? AND status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) ORDER BY generations.created_at, generations.id
 LIMIT ? OFFSET ?;

-- listed everywhere
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) ORDER BY generations.created_at, generations.id
 LIMIT ? OFFSET ?;

-- backlog here
SELECT generations.status, count(*) AS count_1, min(coalesce(generations.released_at, generations.created_at)) AS min_1
FROM generations
WHERE generations.guild_id = ? AND status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') GROUP BY generations.status;

-- backlog everywhere
SELECT generations.status, count(*) AS count_1, min(coalesce(generations.released_at, generations.created_at)) AS min_1
FROM generations
WHERE status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') GROUP BY generations.status;

-- older of all
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at < ? OR generations.created_at = ? AND generations.id < ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT ? OFFSET ?;

-- newer of all
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT ? OFFSET ?;

-- older of open
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at < ? OR generations.created_at = ? AND generations.id < ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT ? OFFSET ?;

-- newer of open
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT ? OFFSET ?;

-- older of done
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at < ? OR generations.created_at = ? AND generations.id < ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('delivered') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT ? OFFSET ?;

-- newer of done
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('delivered') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT ? OFFSET ?;

-- older of without
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at < ? OR generations.created_at = ? AND generations.id < ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('cancelled', 'expired', 'failed', 'refused') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT ? OFFSET ?;

-- newer of without
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('cancelled', 'expired', 'failed', 'refused') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT ? OFFSET ?;

-- older of parked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at < ? OR generations.created_at = ? AND generations.id < ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('parked') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT ? OFFSET ?;

-- newer of parked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = ? AND (generations.created_at > ? OR generations.created_at = ? AND generations.id > ?) AND (generations.prompt LIKE ? ESCAPE '!' OR generations.id = ?) AND status IN ('parked') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT ? OFFSET ?;
