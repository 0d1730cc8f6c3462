-- add deed
INSERT INTO audit (id, guild_id, at, actor_id, actor, action, detail) VALUES ($1::VARCHAR, $2::BIGINT, $3::BIGINT, $4::BIGINT, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR) ON CONFLICT (id) DO NOTHING;

-- deeds
SELECT audit.id, audit.guild_id, audit.at, audit.actor_id, audit.actor, audit.action, audit.detail
FROM audit
WHERE ($1::BIGINT IS NULL OR audit.guild_id = $1::BIGINT) AND audit.at < $2::BIGINT ORDER BY audit.at DESC, audit.id DESC
 LIMIT $3::BIGINT;

-- put block
INSERT INTO blocks (guild_id, user_id, until, reason, actor_id, at) VALUES ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::VARCHAR, $5::BIGINT, $6::BIGINT) ON CONFLICT (guild_id, user_id) DO UPDATE SET until = $3::BIGINT, reason = $4::VARCHAR, actor_id = $5::BIGINT, at = $6::BIGINT;

-- blocks of
SELECT blocks.guild_id, blocks.user_id, blocks.until, blocks.reason, blocks.actor_id, blocks.at
FROM blocks
WHERE blocks.user_id = $1::BIGINT AND blocks.guild_id IN ($2::BIGINT, $3::BIGINT) ORDER BY blocks.guild_id;

-- blocked on
SELECT blocks.guild_id, blocks.user_id, blocks.until, blocks.reason, blocks.actor_id, blocks.at
FROM blocks
WHERE blocks.guild_id = $1::BIGINT AND (blocks.until IS NULL OR blocks.until > $2::BIGINT) ORDER BY blocks.at DESC, blocks.user_id
 LIMIT $3::BIGINT;

-- refusals
SELECT generations.guild_id, generations.finished_at
FROM generations
WHERE generations.member = $1::VARCHAR AND generations.status = 'refused' AND (generations.reason LIKE $2::VARCHAR || '%') AND generations.reason != $3::VARCHAR AND generations.finished_at > $4::BIGINT ORDER BY generations.finished_at;

-- usage here
SELECT reserved.member, max(generations.user_id) AS max_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END) AS BIGINT) AS sum_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END) AS BIGINT) AS sum_2, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END) AS BIGINT) AS sum_3, CAST(sum(CASE WHEN (ended.kind = 'settle') THEN 1 ELSE 0 END) AS BIGINT) AS sum_4, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_5, CAST(sum(CASE WHEN (ended.kind IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_6
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.guild_id = $1::BIGINT AND reserved.day BETWEEN $2::VARCHAR AND $3::VARCHAR AND reserved.kind = 'reserve' AND ($4::VARCHAR IS NULL OR reserved.member = $4::VARCHAR) GROUP BY reserved.member ORDER BY reserved.member;

-- usage everywhere
SELECT reserved.member, max(generations.user_id) AS max_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END) AS BIGINT) AS sum_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END) AS BIGINT) AS sum_2, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END) AS BIGINT) AS sum_3, CAST(sum(CASE WHEN (ended.kind = 'settle') THEN 1 ELSE 0 END) AS BIGINT) AS sum_4, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_5, CAST(sum(CASE WHEN (ended.kind IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_6
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.day BETWEEN $1::VARCHAR AND $2::VARCHAR AND reserved.kind = 'reserve' AND ($3::VARCHAR IS NULL OR reserved.member = $3::VARCHAR) GROUP BY reserved.member ORDER BY reserved.member;

-- lines here
SELECT generations.id, reserved.at, reserved.guild_id, reserved.member, generations.user_id, generations.requester, generations.provider, generations.model, generations.resolution, generations.seconds, generations.status, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END AS anon_1, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END AS anon_2, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END AS anon_3, CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END AS anon_4, generations.charged
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.guild_id = $1::BIGINT AND reserved.day BETWEEN $2::VARCHAR AND $3::VARCHAR AND reserved.kind = 'reserve' AND ($4::VARCHAR IS NULL OR reserved.member = $4::VARCHAR) ORDER BY reserved.at, generations.id
 LIMIT $5::BIGINT;

-- lines everywhere
SELECT generations.id, reserved.at, reserved.guild_id, reserved.member, generations.user_id, generations.requester, generations.provider, generations.model, generations.resolution, generations.seconds, generations.status, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END AS anon_1, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END AS anon_2, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END AS anon_3, CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END AS anon_4, generations.charged
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.day BETWEEN $1::VARCHAR AND $2::VARCHAR AND reserved.kind = 'reserve' AND ($3::VARCHAR IS NULL OR reserved.member = $3::VARCHAR) ORDER BY reserved.at, generations.id
 LIMIT $4::BIGINT;

-- refund
UPDATE generations SET refunded=1 WHERE generations.id = $1::VARCHAR AND generations.version = $2::BIGINT AND generations.refunded = 0;

-- mark for forgetting
UPDATE generations SET due_at=CASE WHEN (generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused') AND NOT (EXISTS (SELECT *
FROM storyboards
WHERE storyboards.id = generations.storyboard_id AND storyboards.status IN ('joining', 'shooting')))) THEN $1::BIGINT ELSE generations.due_at END, woken=(generations.woken + CASE WHEN (generations.due_at IS NOT NULL OR generations.lease_until IS NOT NULL) THEN 1 ELSE 0 END), forget=1 WHERE generations.user_id = $2::BIGINT;

-- wake storyboards of
UPDATE storyboards SET woken=(storyboards.woken + 1) WHERE storyboards.user_id = $1::BIGINT AND (storyboards.due_at IS NOT NULL OR storyboards.lease_until IS NOT NULL);

-- marked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND generations.forget = 1 AND generations.due_at = $2::BIGINT AND generations.lease_until IS NULL AND generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused') ORDER BY generations.id
 LIMIT $3::BIGINT;

-- is awaited
SELECT storyboards.id
FROM storyboards
WHERE storyboards.id = $1::VARCHAR AND storyboards.status IN ('joining', 'shooting');

-- ended storyboards of
SELECT storyboards.id, storyboards.version
FROM storyboards
WHERE storyboards.user_id = $1::BIGINT AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL ORDER BY storyboards.id;

-- blank storyboard
UPDATE storyboards SET requester=$1::VARCHAR, place=$2::VARCHAR, interaction_id=$3::BIGINT, card_id=NULL, card_shown=$4::VARCHAR, user_id=0 WHERE storyboards.id = $5::VARCHAR AND storyboards.version = $6::BIGINT;

-- marked shots
SELECT count(*) AS count_1
FROM generations
WHERE generations.storyboard_id = $1::VARCHAR AND generations.forget = 1;

-- release shots
UPDATE generations SET due_at=CASE WHEN (generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused')) THEN $1::BIGINT ELSE generations.due_at END, woken=(generations.woken + 1), forget=1 WHERE generations.storyboard_id = $2::VARCHAR AND generations.user_id != 0;

-- left of
SELECT generations.id
FROM generations
WHERE generations.user_id = $1::BIGINT ORDER BY generations.id;

-- file in use
SELECT generations.id
FROM generations
WHERE (status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') OR generations.status = 'parked') AND generations.asked LIKE $1::VARCHAR
 LIMIT 1;

-- forget preferences
DELETE FROM members WHERE members.user_id = $1::BIGINT;

-- forget presets
DELETE FROM presets WHERE presets.user_id = $1::BIGINT;

-- forget orders
DELETE FROM orders WHERE orders.user_id = $1::BIGINT RETURNING orders.content;

-- forget presses
DELETE FROM presses WHERE presses.id LIKE $1::VARCHAR;

-- orders of
SELECT orders.content, orders.created_at
FROM orders
WHERE orders.user_id = $1::BIGINT;

-- storyboards of
SELECT storyboards.id, storyboards.status, storyboards.place, storyboards.shots, storyboards.created_at
FROM storyboards
WHERE storyboards.user_id = $1::BIGINT ORDER BY storyboards.created_at, storyboards.id;

-- blocks of
SELECT blocks.guild_id, blocks.until, blocks.reason, blocks.at
FROM blocks
WHERE blocks.user_id = $1::BIGINT;

-- actions of
SELECT audit.guild_id, audit.at, audit.action, audit.detail
FROM audit
WHERE audit.actor_id = $1::BIGINT ORDER BY audit.at;

-- ledger of
SELECT ledger.generation_id, ledger.kind, ledger.provider, ledger.day, ledger.videos, ledger.seconds, ledger.credits, ledger.at
FROM ledger
WHERE ledger.member = $1::VARCHAR ORDER BY ledger.at, ledger.generation_id, ledger.kind;

-- grants of
SELECT grants.guild_id, grants.period, grants.videos, grants.seconds, grants.credits, grants.at
FROM grants
WHERE grants.member = $1::VARCHAR ORDER BY grants.at;

-- by id
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.id = $1::VARCHAR;

-- held
SELECT generations.id
FROM generations
WHERE generations.id = $1::VARCHAR AND generations.version = $2::BIGINT;

-- by interaction
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.interaction_id = $1::BIGINT;

-- history
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND generations.created_at < $2::BIGINT ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT $3::BIGINT;

-- open of
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at, generations.id;

-- claim
WITH due AS
(SELECT generations.id AS id
FROM generations
WHERE generations.due_at IS NOT NULL AND generations.due_at <= $2::BIGINT AND (generations.lease_until IS NULL OR generations.lease_until <= $2::BIGINT) ORDER BY generations.due_at, generations.id
 LIMIT $3::BIGINT FOR UPDATE SKIP LOCKED)
 UPDATE generations SET version=(generations.version + 1), lease_until=$1::BIGINT, begun=(generations.begun + 1) WHERE generations.id IN (SELECT due.id
FROM due) RETURNING generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun;

-- claim ready
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = $2::VARCHAR AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = $2::VARCHAR AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= $3::BIGINT AND generations.cancel_wished = 0),
next AS
(SELECT generations.id AS id
FROM generations JOIN turns ON turns.id = generations.id
WHERE generations.status = 'queued' AND generations.cancel_wished = 0 AND generations.version > 0 AND (generations.lease_until IS NULL OR generations.lease_until <= $3::BIGINT) ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id
 LIMIT $4::BIGINT FOR UPDATE OF generations SKIP LOCKED)
 UPDATE generations SET version=(generations.version + 1), lease_until=$1::BIGINT, begun=(generations.begun + 1) WHERE generations.id IN (SELECT next.id
FROM next) RETURNING generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun;

-- turns
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = $1::VARCHAR AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = $1::VARCHAR AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= $2::BIGINT AND generations.cancel_wished = 0)
 SELECT generations.id
FROM generations JOIN turns ON turns.id = generations.id
WHERE generations.lease_until = $3::BIGINT ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id;

-- few wait
SELECT CASE WHEN (count(*) < 16) THEN 1 ELSE 0 END AS anon_1
FROM (SELECT generations.id AS id
FROM generations
WHERE generations.provider = $1::VARCHAR AND status = 'queued' AND ready_at IS NOT NULL
 LIMIT 16) AS waiting;

-- place
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = $1::VARCHAR AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = $1::VARCHAR AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= $2::BIGINT AND generations.cancel_wished = 0)
 SELECT places.place
FROM (SELECT turns.id AS id, row_number() OVER (ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id) AS place
FROM turns) AS places
WHERE places.id = $3::VARCHAR;

-- wake
UPDATE generations SET due_at=CASE WHEN (generations.due_at IS NULL OR generations.due_at > CASE WHEN (generations.asked_at + 1000000 > $1::BIGINT) THEN generations.asked_at + 1000000 ELSE $1::BIGINT END) THEN CASE WHEN (generations.asked_at + 1000000 > $1::BIGINT) THEN generations.asked_at + 1000000 ELSE $1::BIGINT END ELSE generations.due_at END, woken=(generations.woken + 1), named_task_id=CASE WHEN (generations.task_id IS NULL AND generations.user_id != 0 AND generations.provider = $2::VARCHAR AND $3::VARCHAR IS NOT NULL) THEN $3::VARCHAR ELSE generations.named_task_id END WHERE generations.id = $4::VARCHAR;

-- name task
UPDATE generations SET named_task_id=$1::VARCHAR WHERE generations.id = $2::VARCHAR AND generations.task_id IS NULL AND generations.user_id != 0 AND generations.provider = $3::VARCHAR AND ($4::VARCHAR IS NULL OR generations.named_task_id = $4::VARCHAR);

-- wish cancel
UPDATE generations SET due_at=$1::BIGINT, woken=(generations.woken + 1), cancel_wished=1 WHERE generations.id = $2::VARCHAR AND status NOT IN ('cancelled', 'delivered', 'expired', 'failed', 'refused');

-- extend
UPDATE generations SET lease_until=$1::BIGINT WHERE generations.id = $2::VARCHAR AND generations.version = $3::BIGINT AND generations.lease_until IS NOT NULL;

-- clear leases
UPDATE generations SET lease_until=NULL WHERE generations.lease_until IS NOT NULL;

-- next due
SELECT (SELECT generations.due_at
FROM generations
WHERE generations.due_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= $1::BIGINT) ORDER BY generations.due_at
 LIMIT 1) AS anon_1, (SELECT min(CASE WHEN (generations.lease_until <= $1::BIGINT) THEN NULL WHEN (generations.due_at > generations.lease_until) THEN generations.due_at ELSE generations.lease_until END) AS min_1
FROM generations
WHERE generations.lease_until IS NOT NULL AND generations.due_at IS NOT NULL) AS anon_2;

-- counts
SELECT generations.status, count(*) AS count_1
FROM generations GROUP BY generations.status;

-- durations
SELECT generations.submitted_at, generations.rendered_at, generations.asked_at, generations.ask_at
FROM generations
WHERE generations.provider = $1::VARCHAR AND generations.model = $2::VARCHAR AND generations.resolution = $3::VARCHAR AND generations.seconds = $4::BIGINT AND generations.rendered_at IS NOT NULL AND generations.submitted_at IS NOT NULL ORDER BY generations.rendered_at DESC
 LIMIT $5::BIGINT;

-- grant
INSERT INTO grants (id, guild_id, member, scope, subject, period, videos, seconds, credits, actor_id, at) VALUES ($1::VARCHAR, $2::BIGINT, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::BIGINT, $8::BIGINT, $9::BIGINT, $10::BIGINT, $11::BIGINT) ON CONFLICT (id) DO NOTHING;

-- raise
INSERT INTO counters (scope, subject, period, videos, seconds, credits, granted_videos, granted_seconds, granted_credits) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, 0, 0, 0, $4::BIGINT, $5::BIGINT, $6::BIGINT) ON CONFLICT (scope, subject, period) DO UPDATE SET granted_videos = (counters.granted_videos + $4::BIGINT), granted_seconds = (counters.granted_seconds + $5::BIGINT), granted_credits = (counters.granted_credits + $6::BIGINT);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) SELECT $1::VARCHAR AS anon_1, $2::VARCHAR AS anon_2, $3::VARCHAR AS anon_3, $4::BIGINT AS anon_4, $5::BIGINT AS anon_5, $6::BIGINT AS anon_6
WHERE ($4::BIGINT = 0 OR $7::BIGINT IS NULL OR $4::BIGINT <= $7::BIGINT OR $4::BIGINT <= $7::BIGINT + coalesce((SELECT counters.granted_videos
FROM counters
WHERE counters.scope = $1::VARCHAR AND counters.subject = $2::VARCHAR AND counters.period = $3::VARCHAR), 0)) AND ($5::BIGINT = 0 OR $8::BIGINT IS NULL OR $5::BIGINT <= $8::BIGINT OR $5::BIGINT <= $8::BIGINT + coalesce((SELECT counters.granted_seconds
FROM counters
WHERE counters.scope = $1::VARCHAR AND counters.subject = $2::VARCHAR AND counters.period = $3::VARCHAR), 0)) AND ($6::BIGINT = 0 OR $9::BIGINT IS NULL OR $6::BIGINT <= $9::BIGINT OR $6::BIGINT <= $9::BIGINT + coalesce((SELECT counters.granted_credits
FROM counters
WHERE counters.scope = $1::VARCHAR AND counters.subject = $2::VARCHAR AND counters.period = $3::VARCHAR), 0)) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + $4::BIGINT), seconds = (counters.seconds + $5::BIGINT), credits = (counters.credits + $6::BIGINT) WHERE ($4::BIGINT = 0 OR $7::BIGINT IS NULL OR counters.videos + $4::BIGINT <= $7::BIGINT + counters.granted_videos) AND ($5::BIGINT = 0 OR $8::BIGINT IS NULL OR counters.seconds + $5::BIGINT <= $8::BIGINT + counters.granted_seconds) AND ($6::BIGINT = 0 OR $9::BIGINT IS NULL OR counters.credits + $6::BIGINT <= $9::BIGINT + counters.granted_credits);

-- give
UPDATE counters SET videos=(counters.videos - $1::BIGINT), seconds=(counters.seconds - $2::BIGINT), credits=(counters.credits - $3::BIGINT) WHERE counters.scope = $4::VARCHAR AND counters.subject = $5::VARCHAR AND counters.period = $6::VARCHAR AND counters.videos >= $1::BIGINT AND counters.seconds >= $2::BIGINT AND counters.credits >= $3::BIGINT;

-- standing
SELECT counters.videos, counters.seconds, counters.credits, counters.granted_videos, counters.granted_seconds, counters.granted_credits
FROM counters
WHERE counters.scope = $1::VARCHAR AND counters.subject = $2::VARCHAR AND counters.period = $3::VARCHAR;

-- enter
INSERT INTO ledger (generation_id, kind, member, guild_id, provider, day, videos, seconds, credits, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BIGINT, $5::VARCHAR, $6::VARCHAR, $7::BIGINT, $8::BIGINT, $9::BIGINT, $10::BIGINT) ON CONFLICT DO NOTHING;

-- enter refund
INSERT INTO ledger (generation_id, kind, member, guild_id, provider, day, videos, seconds, credits, at) SELECT $1::VARCHAR AS anon_1, $2::VARCHAR AS anon_2, $3::VARCHAR AS anon_3, $4::BIGINT AS anon_4, $5::VARCHAR AS anon_5, $6::VARCHAR AS anon_6, $7::BIGINT AS anon_7, $8::BIGINT AS anon_8, $9::BIGINT AS anon_9, $10::BIGINT AS anon_10
WHERE EXISTS (SELECT *
FROM ledger AS earlier
WHERE earlier.generation_id = $1::VARCHAR AND earlier.kind = 'settle') ON CONFLICT DO NOTHING;

-- preferences of
SELECT members.preferences
FROM members
WHERE members.user_id = $1::BIGINT;

-- put preferences
INSERT INTO members (user_id, preferences, updated_at) VALUES ($1::BIGINT, $2::VARCHAR, $3::BIGINT) ON CONFLICT (user_id) DO UPDATE SET preferences = $2::VARCHAR, updated_at = $3::BIGINT WHERE members.preferences = $4::VARCHAR;

-- turn
INSERT INTO members (user_id, preferences, updated_at) VALUES ($1::BIGINT, $2::VARCHAR, $3::BIGINT) ON CONFLICT (user_id) DO UPDATE SET updated_at = $3::BIGINT;

-- put preset
INSERT INTO presets (user_id, name, preset, updated_at) SELECT $1::BIGINT AS anon_1, $2::VARCHAR AS anon_2, $3::VARCHAR AS anon_3, $4::BIGINT AS anon_4
WHERE (EXISTS (SELECT *
FROM presets AS own
WHERE own.user_id = $1::BIGINT AND own.name = $2::VARCHAR)) OR (SELECT count(*) AS count_1
FROM presets AS own
WHERE own.user_id = $1::BIGINT) < $5::BIGINT ON CONFLICT (user_id, name) DO UPDATE SET preset = $3::VARCHAR, updated_at = $4::BIGINT;

-- presets of
SELECT presets.preset
FROM presets
WHERE presets.user_id = $1::BIGINT ORDER BY presets.name;

-- preset of
SELECT presets.preset
FROM presets
WHERE presets.user_id = $1::BIGINT AND presets.name = $2::VARCHAR;

-- delete preset
DELETE FROM presets WHERE presets.user_id = $1::BIGINT AND presets.name = $2::VARCHAR;

-- put order
INSERT INTO orders (id, user_id, content, created_at) VALUES ($1::VARCHAR, $2::BIGINT, $3::VARCHAR, $4::BIGINT);

-- get order
SELECT orders.content
FROM orders
WHERE orders.id = $1::VARCHAR AND orders.user_id = $2::BIGINT;

-- take order
DELETE FROM orders WHERE orders.id = $1::VARCHAR AND orders.user_id = $2::BIGINT RETURNING orders.content;

-- sweep orders
DELETE FROM orders WHERE orders.created_at < $1::BIGINT RETURNING orders.content;

-- never
DELETE FROM orders WHERE false;

-- sweep presses
DELETE FROM presses WHERE presses.at < $1::BIGINT;

-- press
INSERT INTO presses (id, generation_id, at) VALUES ($1::VARCHAR, $2::VARCHAR, $3::BIGINT) ON CONFLICT (id) DO UPDATE SET generation_id = $2::VARCHAR, at = $3::BIGINT WHERE presses.at <= $4::BIGINT;

-- pressed
SELECT presses.generation_id
FROM presses
WHERE presses.id = $1::VARCHAR;

-- waiting
SELECT count(*) AS count_1
FROM (SELECT generations.status AS status
FROM generations
WHERE generations.status = 'queued'
 LIMIT $1::BIGINT) AS waiting;

-- at providers here
SELECT generations.provider, count(*) AS count_1
FROM generations
WHERE generations.guild_id = $1::BIGINT AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1) GROUP BY generations.provider;

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
WHERE generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL
 LIMIT 1;

-- purge entries
WITH ended AS
(SELECT generations.id AS id
FROM generations
WHERE generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL ORDER BY generations.finished_at
 LIMIT $2::BIGINT FOR UPDATE SKIP LOCKED)
 DELETE FROM ledger WHERE ledger.generation_id IN (SELECT ended.id
FROM ended) RETURNING 1;

-- purge generations
WITH unbilled AS
(SELECT generations.id AS id
FROM generations
WHERE generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.generation_id = generations.id)) ORDER BY generations.finished_at
 LIMIT $2::BIGINT)
 DELETE FROM generations WHERE generations.id IN (SELECT unbilled.id
FROM unbilled) RETURNING 1;

-- anything over
SELECT storyboards.id
FROM storyboards
WHERE storyboards.finished_at < $1::BIGINT AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told')))))
 LIMIT 1;

-- purge entries of shots
WITH "over" AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < $1::BIGINT AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT $2::BIGINT FOR UPDATE SKIP LOCKED)
 DELETE FROM ledger WHERE ledger.generation_id IN (SELECT generations.id
FROM generations
WHERE generations.storyboard_id IN (SELECT "over".id
FROM "over")) RETURNING 1;

-- purge shots
WITH "over" AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < $1::BIGINT AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT $2::BIGINT FOR UPDATE SKIP LOCKED)
 DELETE FROM generations WHERE generations.storyboard_id IN (SELECT "over".id
FROM "over") AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.generation_id = generations.id)) RETURNING 1;

-- purge storyboards
WITH "over" AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < $1::BIGINT AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < $1::BIGINT AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT $2::BIGINT FOR UPDATE SKIP LOCKED)
 DELETE FROM storyboards WHERE storyboards.id IN (SELECT "over".id
FROM "over") AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id)) RETURNING 1;

-- any period past
SELECT counters.period
FROM counters
WHERE counters.period < $1::VARCHAR AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.day BETWEEN counters.period AND counters.period || '-31'))
 LIMIT 1;

-- purge counters
DELETE FROM counters WHERE (counters.scope, counters.subject, counters.period) IN (SELECT counters.scope, counters.subject, counters.period
FROM counters
WHERE counters.period < $1::VARCHAR AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.day BETWEEN counters.period AND counters.period || '-31'))
 LIMIT $2::BIGINT);

-- any old deed
SELECT audit.id
FROM audit
WHERE audit.at < $1::BIGINT
 LIMIT 1;

-- purge deeds
DELETE FROM audit WHERE audit.id IN (SELECT audit.id
FROM audit
WHERE audit.at < $1::BIGINT
 LIMIT $2::BIGINT);

-- any old grant
SELECT grants.id
FROM grants
WHERE grants.period < $1::VARCHAR
 LIMIT 1;

-- purge grants
DELETE FROM grants WHERE grants.id IN (SELECT grants.id
FROM grants
WHERE grants.period < $1::VARCHAR
 LIMIT $2::BIGINT);

-- rules of
SELECT servers.rules, servers.version
FROM servers
WHERE servers.guild_id = $1::BIGINT;

-- put rules
INSERT INTO servers (guild_id, rules, version, updated_at) VALUES ($1::BIGINT, $2::VARCHAR, $3::BIGINT, $4::BIGINT) ON CONFLICT (guild_id) DO UPDATE SET rules = $2::VARCHAR, version = $3::BIGINT, updated_at = $4::BIGINT WHERE servers.version = $5::BIGINT;

-- start storyboard
INSERT INTO storyboards (id, status, requester, member, place, interaction_id, created_at, updated_at, due_at, shots, continuous, version, woken, lease_until, joined, enough, stuck_since, misses, card_id, card_intended_at, card_shown, card_edited_at, finished_at, user_id) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::BIGINT, $8::BIGINT, $9::BIGINT, $10::VARCHAR, $11::BIGINT, $12::BIGINT, $13::BIGINT, $14::BIGINT, $15::VARCHAR, $16::BIGINT, $17::BIGINT, $18::BIGINT, $19::BIGINT, $20::BIGINT, $21::VARCHAR, $22::BIGINT, $23::BIGINT, $24::BIGINT) ON CONFLICT (interaction_id) DO NOTHING;

-- storyboard by id
SELECT storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at
FROM storyboards
WHERE storyboards.id = $1::VARCHAR;

-- storyboard held
SELECT storyboards.id
FROM storyboards
WHERE storyboards.id = $1::VARCHAR AND storyboards.version = $2::BIGINT;

-- storyboard by interaction
SELECT storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at
FROM storyboards
WHERE storyboards.interaction_id = $1::BIGINT;

-- claim storyboards
WITH due_boards AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND storyboards.due_at <= $2::BIGINT AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= $2::BIGINT) ORDER BY storyboards.due_at, storyboards.id
 LIMIT $3::BIGINT FOR UPDATE SKIP LOCKED)
 UPDATE storyboards SET version=(storyboards.version + 1), lease_until=$1::BIGINT WHERE storyboards.id IN (SELECT due_boards.id
FROM due_boards) RETURNING storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at;

-- wake storyboard
UPDATE storyboards SET due_at=$1::BIGINT, woken=(storyboards.woken + 1) WHERE storyboards.id = $2::VARCHAR AND storyboards.status IN ('joining', 'shooting');

-- enough shots
UPDATE storyboards SET due_at=$1::BIGINT, woken=(storyboards.woken + 1), enough=1 WHERE storyboards.id = $2::VARCHAR AND storyboards.status = 'shooting';

-- extend storyboard
UPDATE storyboards SET lease_until=$1::BIGINT WHERE storyboards.id = $2::VARCHAR AND storyboards.version = $3::BIGINT AND storyboards.lease_until IS NOT NULL;

-- clear leases of storyboards
UPDATE storyboards SET lease_until=NULL WHERE storyboards.lease_until IS NOT NULL;

-- next storyboard due
SELECT (SELECT storyboards.due_at
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= $1::BIGINT) ORDER BY storyboards.due_at
 LIMIT 1) AS anon_1, (SELECT min(storyboards.lease_until) AS min_1
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND storyboards.due_at <= $1::BIGINT AND storyboards.lease_until > $1::BIGINT) AS anon_2;

-- shots
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.storyboard_id = $1::VARCHAR AND generations.shot IS NOT NULL ORDER BY generations.shot, generations.created_at, generations.id;

-- turn off
INSERT INTO switches (name, actor_id, at) VALUES ($1::VARCHAR, $2::BIGINT, $3::BIGINT) ON CONFLICT (name) DO NOTHING;

-- turn on
DELETE FROM switches WHERE $1::VARCHAR IS NULL OR switches.name = $1::VARCHAR;

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
WHERE generations.due_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= $1::BIGINT) ORDER BY generations.due_at
 LIMIT 1) <= $1::BIGINT OR (SELECT generations.ready_at
FROM generations
WHERE status = 'queued' AND ready_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= $1::BIGINT) ORDER BY generations.ready_at
 LIMIT 1) <= $1::BIGINT OR (SELECT storyboards.due_at
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= $1::BIGINT) ORDER BY storyboards.due_at
 LIMIT 1) <= $1::BIGINT) THEN 1 ELSE 0 END AS anon_1;

-- ready
SELECT (SELECT generations.ready_at
FROM generations
WHERE generations.provider = $1::VARCHAR AND status = 'queued' AND ready_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= $2::BIGINT) ORDER BY generations.ready_at
 LIMIT 1) AS anon_1;

-- set back
UPDATE generations SET due_at=CASE WHEN (generations.due_at > $1::BIGINT) THEN $1::BIGINT ELSE generations.due_at END, lease_until=CASE WHEN (generations.lease_until > $2::BIGINT) THEN $2::BIGINT ELSE generations.lease_until END, ready_at=CASE WHEN (generations.ready_at > $1::BIGINT) THEN $1::BIGINT ELSE generations.ready_at END, ask_at=CASE WHEN (generations.ask_at > $1::BIGINT) THEN $1::BIGINT ELSE generations.ask_at END, asked_at=CASE WHEN (generations.asked_at > $1::BIGINT) THEN $1::BIGINT ELSE generations.asked_at END, card_edited_at=CASE WHEN (generations.card_edited_at > $1::BIGINT) THEN $1::BIGINT ELSE generations.card_edited_at END WHERE generations.due_at > $1::BIGINT OR generations.lease_until > $2::BIGINT;

-- set back boards
UPDATE storyboards SET due_at=CASE WHEN (storyboards.due_at > $1::BIGINT) THEN $1::BIGINT ELSE storyboards.due_at END, lease_until=CASE WHEN (storyboards.lease_until > $2::BIGINT) THEN $2::BIGINT ELSE storyboards.lease_until END, stuck_since=CASE WHEN (storyboards.stuck_since > $1::BIGINT) THEN $1::BIGINT ELSE storyboards.stuck_since END, card_edited_at=CASE WHEN (storyboards.card_edited_at > $1::BIGINT) THEN $1::BIGINT ELSE storyboards.card_edited_at END WHERE storyboards.due_at > $1::BIGINT OR storyboards.lease_until > $2::BIGINT;

-- start
INSERT INTO generations (id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, urls, notice, tried, user_id, provider, model, resolution, seconds, guild_id, prompt) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::BIGINT, $10::BIGINT, $11::BIGINT, $12::BIGINT, $13::BIGINT, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::BIGINT, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::BIGINT, $22::BIGINT, $23::VARCHAR) ON CONFLICT (interaction_id) DO NOTHING;

-- move
UPDATE generations SET status=$1::VARCHAR, updated_at=$2::BIGINT, due_at=CASE WHEN (generations.woken > $3::BIGINT) THEN $2::BIGINT ELSE $4::BIGINT END, version=(generations.version + 1), woken=CASE WHEN (generations.woken > $3::BIGINT) THEN generations.woken - $3::BIGINT ELSE 0 END, lease_until=$5::BIGINT, attempts=$6::BIGINT, begun=CASE WHEN ($5::BIGINT IS NULL) THEN 0 ELSE generations.begun END WHERE generations.id = $7::VARCHAR AND generations.version = $8::BIGINT AND generations.status = $9::VARCHAR RETURNING generations.status, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.named_task_id, generations.ask_at, generations.asked_at, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.message_id, generations.removed, generations.refunded, generations.forget, generations.begun;

-- note
UPDATE generations SET card_id=$1::BIGINT WHERE generations.id = $2::VARCHAR AND generations.user_id != 0 AND ($3::BIGINT IS NULL OR generations.version = $3::BIGINT);

-- note
UPDATE generations SET due_at=CASE WHEN (generations.version != $1::BIGINT) THEN $2::BIGINT ELSE generations.due_at END, woken=CASE WHEN (generations.version != $1::BIGINT) THEN generations.woken + 1 ELSE generations.woken END, card_id=$3::BIGINT, card_shown=$4::VARCHAR, card_edited_at=$5::BIGINT WHERE generations.id = $6::VARCHAR AND generations.user_id != 0;

-- take freely
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BIGINT, $5::BIGINT, $6::BIGINT), ($7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::BIGINT, $11::BIGINT, $12::BIGINT) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BIGINT, $5::BIGINT, $6::BIGINT) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BIGINT, $5::BIGINT, $6::BIGINT) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits) WHERE counters.videos + excluded.videos <= $7::BIGINT + counters.granted_videos;

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::BIGINT, $5::BIGINT, $6::BIGINT) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits) WHERE counters.videos + excluded.videos <= $7::BIGINT + counters.granted_videos AND counters.seconds + excluded.seconds <= $8::BIGINT + counters.granted_seconds;

-- listed here
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.guild_id = $1::BIGINT AND status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND (generations.created_at > $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id > $3::VARCHAR) ORDER BY generations.created_at, generations.id
 LIMIT $4::BIGINT;

-- listed everywhere
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND (generations.created_at > $1::BIGINT OR generations.created_at = $1::BIGINT AND generations.id > $2::VARCHAR) ORDER BY generations.created_at, generations.id
 LIMIT $3::BIGINT;

-- backlog here
SELECT generations.status, count(*) AS count_1, min(coalesce(generations.released_at, generations.created_at)) AS min_1
FROM generations
WHERE generations.guild_id = $1::BIGINT AND status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') GROUP BY generations.status;

-- backlog everywhere
SELECT generations.status, count(*) AS count_1, min(coalesce(generations.released_at, generations.created_at)) AS min_1
FROM generations
WHERE status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') GROUP BY generations.status;

-- older of all
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at < $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id < $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT $6::BIGINT;

-- newer of all
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at > $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id > $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT $6::BIGINT;

-- older of open
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at < $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id < $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT $6::BIGINT;

-- newer of open
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at > $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id > $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT $6::BIGINT;

-- older of done
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at < $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id < $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('delivered') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT $6::BIGINT;

-- newer of done
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at > $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id > $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('delivered') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT $6::BIGINT;

-- older of without
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at < $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id < $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('cancelled', 'expired', 'failed', 'refused') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT $6::BIGINT;

-- newer of without
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at > $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id > $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('cancelled', 'expired', 'failed', 'refused') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT $6::BIGINT;

-- older of parked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at < $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id < $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('parked') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT $6::BIGINT;

-- newer of parked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = $1::BIGINT AND (generations.created_at > $2::BIGINT OR generations.created_at = $2::BIGINT AND generations.id > $3::VARCHAR) AND (generations.prompt LIKE $4::VARCHAR ESCAPE '!' OR generations.id = $5::VARCHAR) AND status IN ('parked') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT $6::BIGINT;
