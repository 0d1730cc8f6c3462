-- add deed
INSERT INTO audit (id, guild_id, at, actor_id, actor, action, detail) VALUES (:its_id, :its_guild, :now, :its_actor, :its_name, :its_action, :its_detail) ON CONFLICT (id) DO NOTHING;

-- deeds
SELECT audit.id, audit.guild_id, audit.at, audit.actor_id, audit.actor, audit.action, audit.detail
FROM audit
WHERE (:its_guild IS NULL OR audit.guild_id = :its_guild) AND audit.at < :before ORDER BY audit.at DESC, audit.id DESC
 LIMIT :most OFFSET :param_1;

-- put block
INSERT INTO blocks (guild_id, user_id, until, reason, actor_id, at) VALUES (:its_guild, :its_user, :its_until, :its_reason, :its_actor, :now) ON CONFLICT (guild_id, user_id) DO UPDATE SET until = :its_until, reason = :its_reason, actor_id = :its_actor, at = :now;

-- blocks of
SELECT blocks.guild_id, blocks.user_id, blocks.until, blocks.reason, blocks.actor_id, blocks.at
FROM blocks
WHERE blocks.user_id = :its_user AND blocks.guild_id IN (:its_guild, :all) ORDER BY blocks.guild_id;

-- blocked on
SELECT blocks.guild_id, blocks.user_id, blocks.until, blocks.reason, blocks.actor_id, blocks.at
FROM blocks
WHERE blocks.guild_id = :its_guild AND (blocks.until IS NULL OR blocks.until > :now) ORDER BY blocks.at DESC, blocks.user_id
 LIMIT :most OFFSET :param_1;

-- refusals
SELECT generations.guild_id, generations.finished_at
FROM generations
WHERE generations.member = :its_member AND generations.status = 'refused' AND (generations.reason LIKE :its_reason || '%') AND generations.reason != :but_not AND generations.finished_at > :since ORDER BY generations.finished_at;

-- usage here
SELECT reserved.member, max(generations.user_id) AS max_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END) AS BIGINT) AS sum_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END) AS BIGINT) AS sum_2, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END) AS BIGINT) AS sum_3, CAST(sum(CASE WHEN (ended.kind = 'settle') THEN 1 ELSE 0 END) AS BIGINT) AS sum_4, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_5, CAST(sum(CASE WHEN (ended.kind IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_6
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.guild_id = :its_guild AND reserved.day BETWEEN :first_day AND :last_day AND reserved.kind = 'reserve' AND (:its_member IS NULL OR reserved.member = :its_member) GROUP BY reserved.member ORDER BY reserved.member;

-- usage everywhere
SELECT reserved.member, max(generations.user_id) AS max_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END) AS BIGINT) AS sum_1, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END) AS BIGINT) AS sum_2, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END) AS BIGINT) AS sum_3, CAST(sum(CASE WHEN (ended.kind = 'settle') THEN 1 ELSE 0 END) AS BIGINT) AS sum_4, CAST(sum(CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_5, CAST(sum(CASE WHEN (ended.kind IS NULL) THEN 1 ELSE 0 END) AS BIGINT) AS sum_6
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.day BETWEEN :first_day AND :last_day AND reserved.kind = 'reserve' AND (:its_member IS NULL OR reserved.member = :its_member) GROUP BY reserved.member ORDER BY reserved.member;

-- lines here
SELECT generations.id, reserved.at, reserved.guild_id, reserved.member, generations.user_id, generations.requester, generations.provider, generations.model, generations.resolution, generations.seconds, generations.status, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END AS anon_1, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END AS anon_2, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END AS anon_3, CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END AS anon_4, generations.charged
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.guild_id = :its_guild AND reserved.day BETWEEN :first_day AND :last_day AND reserved.kind = 'reserve' AND (:its_member IS NULL OR reserved.member = :its_member) ORDER BY reserved.at, generations.id
 LIMIT :most OFFSET :param_1;

-- lines everywhere
SELECT generations.id, reserved.at, reserved.guild_id, reserved.member, generations.user_id, generations.requester, generations.provider, generations.model, generations.resolution, generations.seconds, generations.status, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.videos, reserved.videos) END AS anon_1, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.seconds, reserved.seconds) END AS anon_2, CASE WHEN (given_back.kind IS NOT NULL OR ended.kind = 'release') THEN 0 ELSE coalesce(ended.credits, reserved.credits) END AS anon_3, CASE WHEN (given_back.kind IS NOT NULL) THEN 1 ELSE 0 END AS anon_4, generations.charged
FROM ledger AS reserved JOIN generations ON generations.id = reserved.generation_id LEFT OUTER JOIN ledger AS ended ON ended.generation_id = reserved.generation_id AND ended.kind IN ('settle', 'release') LEFT OUTER JOIN ledger AS given_back ON given_back.generation_id = reserved.generation_id AND given_back.kind = 'refund'
WHERE reserved.day BETWEEN :first_day AND :last_day AND reserved.kind = 'reserve' AND (:its_member IS NULL OR reserved.member = :its_member) ORDER BY reserved.at, generations.id
 LIMIT :most OFFSET :param_1;

-- refund
UPDATE generations SET refunded=1 WHERE generations.id = :its_id AND generations.version = :its_version AND generations.refunded = 0;

-- mark for forgetting
UPDATE generations SET due_at=CASE WHEN (generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused') AND NOT (EXISTS (SELECT *
FROM storyboards
WHERE storyboards.id = generations.storyboard_id AND storyboards.status IN ('joining', 'shooting')))) THEN :later ELSE generations.due_at END, woken=(generations.woken + CASE WHEN (generations.due_at IS NOT NULL OR generations.lease_until IS NOT NULL) THEN 1 ELSE 0 END), forget=1 WHERE generations.user_id = :its_user;

-- wake storyboards of
UPDATE storyboards SET woken=(storyboards.woken + 1) WHERE storyboards.user_id = :its_user AND (storyboards.due_at IS NOT NULL OR storyboards.lease_until IS NOT NULL);

-- marked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND generations.forget = 1 AND generations.due_at = :later AND generations.lease_until IS NULL AND generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused') ORDER BY generations.id
 LIMIT :most OFFSET :param_1;

-- is awaited
SELECT storyboards.id
FROM storyboards
WHERE storyboards.id = :its_id AND storyboards.status IN ('joining', 'shooting');

-- ended storyboards of
SELECT storyboards.id, storyboards.version
FROM storyboards
WHERE storyboards.user_id = :its_user AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL ORDER BY storyboards.id;

-- blank storyboard
UPDATE storyboards SET requester=:its_requester, place=:its_place, interaction_id=:its_interaction, card_id=NULL, card_shown=:nowhere, user_id=0 WHERE storyboards.id = :its_id AND storyboards.version = :its_version;

-- marked shots
SELECT count(*) AS count_1
FROM generations
WHERE generations.storyboard_id = :its_id AND generations.forget = 1;

-- release shots
UPDATE generations SET due_at=CASE WHEN (generations.status IN ('cancelled', 'delivered', 'expired', 'failed', 'refused')) THEN :now ELSE generations.due_at END, woken=(generations.woken + 1), forget=1 WHERE generations.storyboard_id = :its_id AND generations.user_id != 0;

-- left of
SELECT generations.id
FROM generations
WHERE generations.user_id = :its_user ORDER BY generations.id;

-- file in use
SELECT generations.id
FROM generations
WHERE (status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') OR generations.status = 'parked') AND generations.asked LIKE :pattern
 LIMIT 1 OFFSET :param_1;

-- forget preferences
DELETE FROM members WHERE members.user_id = :its_user;

-- forget presets
DELETE FROM presets WHERE presets.user_id = :its_user;

-- forget orders
DELETE FROM orders WHERE orders.user_id = :its_user RETURNING content;

-- forget presses
DELETE FROM presses WHERE presses.id LIKE :pattern;

-- orders of
SELECT orders.content, orders.created_at
FROM orders
WHERE orders.user_id = :its_user;

-- storyboards of
SELECT storyboards.id, storyboards.status, storyboards.place, storyboards.shots, storyboards.created_at
FROM storyboards
WHERE storyboards.user_id = :its_user ORDER BY storyboards.created_at, storyboards.id;

-- blocks of
SELECT blocks.guild_id, blocks.until, blocks.reason, blocks.at
FROM blocks
WHERE blocks.user_id = :its_user;

-- actions of
SELECT audit.guild_id, audit.at, audit.action, audit.detail
FROM audit
WHERE audit.actor_id = :its_user ORDER BY audit.at;

-- ledger of
SELECT ledger.generation_id, ledger.kind, ledger.provider, ledger.day, ledger.videos, ledger.seconds, ledger.credits, ledger.at
FROM ledger
WHERE ledger.member = :its_member ORDER BY ledger.at, ledger.generation_id, ledger.kind;

-- grants of
SELECT grants.guild_id, grants.period, grants.videos, grants.seconds, grants.credits, grants.at
FROM grants
WHERE grants.member = :its_member ORDER BY grants.at;

-- start
INSERT INTO generations (id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, body, submitted_at, task_id, named_task_id, ask_at, asked_at, asks, misses, progress, expected_at, worst_at, task_status, urls, rendered_at, charged, reason, used_model, film, upload_limit, card_id, card_intended_at, card_shown, card_edited_at, posting_since, posting_place, message_id, message_channel_id, removed, notice, notice_since, finished_at, watch, counts_in_full, parent_id, tried, storyboard_id, shot, released_at, refunded, copy, copy_since, forget, begun, user_id, provider, model, resolution, seconds, guild_id, prompt) VALUES (:id, :status, :asked, :request, :requester, :member, :place, :cost, :interaction_id, :created_at, :updated_at, :due_at, :version, :woken, :lease_until, :ready_at, :cancel_wished, :attempts, :body, :submitted_at, :task_id, :named_task_id, :ask_at, :asked_at, :asks, :misses, :progress, :expected_at, :worst_at, :task_status, :urls, :rendered_at, :charged, :reason, :used_model, :film, :upload_limit, :card_id, :card_intended_at, :card_shown, :card_edited_at, :posting_since, :posting_place, :message_id, :message_channel_id, :removed, :notice, :notice_since, :finished_at, :watch, :counts_in_full, :parent_id, :tried, :storyboard_id, :shot, :released_at, :refunded, :copy, :copy_since, :forget, :begun, :user_id, :provider, :model, :resolution, :seconds, :guild_id, :prompt) ON CONFLICT (interaction_id) DO NOTHING;

-- by id
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.id = :its_id;

-- by interaction
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.interaction_id = :its_interaction;

-- history
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND generations.created_at < :before ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT :most OFFSET :param_1;

-- open of
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at, generations.id;

-- claim
WITH due AS
(SELECT generations.id AS id
FROM generations
WHERE generations.due_at IS NOT NULL AND generations.due_at <= :now AND (generations.lease_until IS NULL OR generations.lease_until <= :now) ORDER BY generations.due_at, generations.id
 LIMIT :most OFFSET :param_1)
 UPDATE generations SET version=(generations.version + 1), lease_until=:until, begun=(generations.begun + 1) WHERE generations.id IN (SELECT due.id
FROM due) RETURNING id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, body, submitted_at, task_id, named_task_id, ask_at, asked_at, asks, misses, progress, expected_at, worst_at, task_status, urls, rendered_at, charged, reason, used_model, film, upload_limit, card_id, card_intended_at, card_shown, card_edited_at, posting_since, posting_place, message_id, message_channel_id, removed, notice, notice_since, finished_at, watch, counts_in_full, parent_id, tried, storyboard_id, shot, released_at, refunded, copy, copy_since, forget, begun;

-- claim ready
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = :its_provider AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = :its_provider AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= :now AND generations.cancel_wished = 0),
next AS
(SELECT generations.id AS id
FROM generations JOIN turns ON turns.id = generations.id
WHERE generations.status = 'queued' AND generations.cancel_wished = 0 AND (generations.lease_until IS NULL OR generations.lease_until <= :now) ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id
 LIMIT :most OFFSET :param_1)
 UPDATE generations SET version=(generations.version + 1), lease_until=:until, begun=(generations.begun + 1) WHERE generations.id IN (SELECT next.id
FROM next) RETURNING id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, body, submitted_at, task_id, named_task_id, ask_at, asked_at, asks, misses, progress, expected_at, worst_at, task_status, urls, rendered_at, charged, reason, used_model, film, upload_limit, card_id, card_intended_at, card_shown, card_edited_at, posting_since, posting_place, message_id, message_channel_id, removed, notice, notice_since, finished_at, watch, counts_in_full, parent_id, tried, storyboard_id, shot, released_at, refunded, copy, copy_since, forget, begun;

-- turns
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = :its_provider AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = :its_provider AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= :now AND generations.cancel_wished = 0)
 SELECT generations.id
FROM generations JOIN turns ON turns.id = generations.id
WHERE generations.lease_until = :until ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id;

-- place
WITH turns AS
(SELECT generations.id AS id, generations.created_at AS created_at, (SELECT count(*) AS count_1
FROM generations AS at_provider
WHERE at_provider.provider = :its_provider AND at_provider.member = generations.member AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1)) + row_number() OVER (PARTITION BY generations.member ORDER BY generations.created_at, generations.id) AS turn, (SELECT coalesce(max(of_member.submitted_at), 0) AS coalesce_1
FROM generations AS of_member
WHERE of_member.member = generations.member) AS last_sent
FROM generations
WHERE generations.provider = :its_provider AND status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= :now AND generations.cancel_wished = 0)
 SELECT places.place
FROM (SELECT turns.id AS id, row_number() OVER (ORDER BY turns.turn, turns.last_sent, turns.created_at, turns.id) AS place
FROM turns) AS places
WHERE places.id = :its_id;

-- wake
UPDATE generations SET due_at=CASE WHEN (generations.due_at IS NULL OR generations.due_at > CASE WHEN (generations.asked_at + 1000000 > :now) THEN generations.asked_at + 1000000 ELSE :now END) THEN CASE WHEN (generations.asked_at + 1000000 > :now) THEN generations.asked_at + 1000000 ELSE :now END ELSE generations.due_at END, woken=(generations.woken + 1), named_task_id=CASE WHEN (generations.task_id IS NULL AND generations.user_id != 0 AND generations.provider = :its_provider AND :task IS NOT NULL) THEN :task ELSE generations.named_task_id END WHERE generations.id = :its_id;

-- name task
UPDATE generations SET named_task_id=:task WHERE generations.id = :its_id AND generations.task_id IS NULL AND generations.user_id != 0 AND generations.provider = :its_provider AND (:wrong IS NULL OR generations.named_task_id = :wrong);

-- wish cancel
UPDATE generations SET due_at=:now, woken=(generations.woken + 1), cancel_wished=1 WHERE generations.id = :its_id AND status NOT IN ('cancelled', 'delivered', 'expired', 'failed', 'refused');

-- extend
UPDATE generations SET lease_until=:until WHERE generations.id = :its_id AND generations.version = :its_version AND generations.lease_until IS NOT NULL;

-- clear leases
UPDATE generations SET lease_until=NULL WHERE generations.lease_until IS NOT NULL;

-- next due
SELECT (SELECT generations.due_at
FROM generations
WHERE generations.due_at IS NOT NULL AND (generations.lease_until IS NULL OR generations.lease_until <= :now) ORDER BY generations.due_at
 LIMIT 1 OFFSET :param_1) AS anon_1, (SELECT min(CASE WHEN (generations.due_at > generations.lease_until) THEN generations.due_at ELSE generations.lease_until END) AS min_1
FROM generations
WHERE generations.lease_until IS NOT NULL AND generations.lease_until > :now AND generations.due_at IS NOT NULL) AS anon_2;

-- counts
SELECT generations.status, count(*) AS count_1
FROM generations GROUP BY generations.status;

-- durations
SELECT generations.submitted_at, generations.rendered_at
FROM generations
WHERE generations.provider = :its_provider AND generations.model = :its_model AND generations.resolution = :its_resolution AND generations.seconds = :its_seconds AND generations.rendered_at IS NOT NULL AND generations.submitted_at IS NOT NULL ORDER BY generations.rendered_at DESC
 LIMIT :most OFFSET :param_1;

-- grant
INSERT INTO grants (id, guild_id, member, scope, subject, period, videos, seconds, credits, actor_id, at) VALUES (:its_id, :its_guild, :its_member, :its_scope, :its_subject, :its_period, :more_videos, :more_seconds, :more_credits, :its_actor, :now) ON CONFLICT (id) DO NOTHING;

-- raise
INSERT INTO counters (scope, subject, period, videos, seconds, credits, granted_videos, granted_seconds, granted_credits) VALUES (:its_scope, :its_subject, :its_period, 0, 0, 0, :more_videos, :more_seconds, :more_credits) ON CONFLICT (scope, subject, period) DO UPDATE SET granted_videos = (counters.granted_videos + :more_videos), granted_seconds = (counters.granted_seconds + :more_seconds), granted_credits = (counters.granted_credits + :more_credits);

-- take
INSERT INTO counters (scope, subject, period, videos, seconds, credits) SELECT :its_scope AS anon_1, :its_subject AS anon_2, :its_period AS anon_3, :more_videos AS anon_4, :more_seconds AS anon_5, :more_credits AS anon_6
WHERE (:more_videos = 0 OR :most_videos IS NULL OR :more_videos <= :most_videos OR :more_videos <= :most_videos + coalesce((SELECT counters.granted_videos
FROM counters
WHERE counters.scope = :its_scope AND counters.subject = :its_subject AND counters.period = :its_period), 0)) AND (:more_seconds = 0 OR :most_seconds IS NULL OR :more_seconds <= :most_seconds OR :more_seconds <= :most_seconds + coalesce((SELECT counters.granted_seconds
FROM counters
WHERE counters.scope = :its_scope AND counters.subject = :its_subject AND counters.period = :its_period), 0)) AND (:more_credits = 0 OR :most_credits IS NULL OR :more_credits <= :most_credits OR :more_credits <= :most_credits + coalesce((SELECT counters.granted_credits
FROM counters
WHERE counters.scope = :its_scope AND counters.subject = :its_subject AND counters.period = :its_period), 0)) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + :more_videos), seconds = (counters.seconds + :more_seconds), credits = (counters.credits + :more_credits) WHERE (:more_videos = 0 OR :most_videos IS NULL OR counters.videos + :more_videos <= :most_videos + counters.granted_videos) AND (:more_seconds = 0 OR :most_seconds IS NULL OR counters.seconds + :more_seconds <= :most_seconds + counters.granted_seconds) AND (:more_credits = 0 OR :most_credits IS NULL OR counters.credits + :more_credits <= :most_credits + counters.granted_credits);

-- give
UPDATE counters SET videos=(counters.videos - :less_videos), seconds=(counters.seconds - :less_seconds), credits=(counters.credits - :less_credits) WHERE counters.scope = :its_scope AND counters.subject = :its_subject AND counters.period = :its_period AND counters.videos >= :less_videos AND counters.seconds >= :less_seconds AND counters.credits >= :less_credits;

-- standing
SELECT counters.videos, counters.seconds, counters.credits, counters.granted_videos, counters.granted_seconds, counters.granted_credits
FROM counters
WHERE counters.scope = :its_scope AND counters.subject = :its_subject AND counters.period = :its_period;

-- enter
INSERT INTO ledger (generation_id, kind, member, guild_id, provider, day, videos, seconds, credits, at) SELECT :its_id AS anon_1, :its_kind AS anon_2, :its_member AS anon_3, :its_guild AS anon_4, :its_provider AS anon_5, :its_day AS anon_6, :its_videos AS anon_7, :its_seconds AS anon_8, :its_credits AS anon_9, :now AS anon_10
WHERE :its_kind != 'refund' OR (EXISTS (SELECT *
FROM ledger AS earlier
WHERE earlier.generation_id = :its_id AND earlier.kind = 'settle')) ON CONFLICT DO NOTHING;

-- preferences of
SELECT members.preferences
FROM members
WHERE members.user_id = :its_user;

-- put preferences
INSERT INTO members (user_id, preferences, updated_at) VALUES (:its_user, :its_preferences, :now) ON CONFLICT (user_id) DO UPDATE SET preferences = :its_preferences, updated_at = :now WHERE members.preferences = :seen;

-- turn
INSERT INTO members (user_id, preferences, updated_at) VALUES (:its_user, :its_preferences, :now) ON CONFLICT (user_id) DO UPDATE SET updated_at = :now;

-- put preset
INSERT INTO presets (user_id, name, preset, updated_at) SELECT :its_user AS anon_1, :its_name AS anon_2, :its_preset AS anon_3, :now AS anon_4
WHERE (EXISTS (SELECT *
FROM presets AS own
WHERE own.user_id = :its_user AND own.name = :its_name)) OR (SELECT count(*) AS count_1
FROM presets AS own
WHERE own.user_id = :its_user) < :most ON CONFLICT (user_id, name) DO UPDATE SET preset = :its_preset, updated_at = :now;

-- presets of
SELECT presets.preset
FROM presets
WHERE presets.user_id = :its_user ORDER BY presets.name;

-- preset of
SELECT presets.preset
FROM presets
WHERE presets.user_id = :its_user AND presets.name = :its_name;

-- delete preset
DELETE FROM presets WHERE presets.user_id = :its_user AND presets.name = :its_name;

-- put order
INSERT INTO orders (id, user_id, content, created_at) VALUES (:its_id, :its_user, :its_content, :now);

-- get order
SELECT orders.content
FROM orders
WHERE orders.id = :its_id AND orders.user_id = :its_user;

-- take order
DELETE FROM orders WHERE orders.id = :its_id AND orders.user_id = :its_user RETURNING content;

-- sweep orders
DELETE FROM orders WHERE orders.created_at < :before RETURNING content;

-- never
DELETE FROM orders WHERE 0 = 1;

-- sweep presses
DELETE FROM presses WHERE presses.at < :before;

-- press
INSERT INTO presses (id, generation_id, at) VALUES (:its_id, :its_generation, :now) ON CONFLICT (id) DO UPDATE SET generation_id = :its_generation, at = :now WHERE presses.at <= :before;

-- pressed
SELECT presses.generation_id
FROM presses
WHERE presses.id = :its_id;

-- waiting
SELECT count(*) AS count_1
FROM (SELECT generations.status AS status
FROM generations
WHERE generations.status = 'queued'
 LIMIT :most OFFSET :param_1) AS waiting;

-- at providers here
SELECT generations.provider, count(*) AS count_1
FROM generations
WHERE generations.guild_id = :its_guild AND (status IN ('running', 'submitting', 'uncertain') OR watch = 1) GROUP BY generations.provider;

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
WHERE generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL
 LIMIT 1 OFFSET :param_1;

-- purge entries
WITH ended AS
(SELECT generations.id AS id
FROM generations
WHERE generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL ORDER BY generations.finished_at
 LIMIT :most OFFSET :param_1)
 DELETE FROM ledger WHERE ledger.generation_id IN (SELECT ended.id
FROM ended) RETURNING 1;

-- purge generations
WITH unbilled AS
(SELECT generations.id AS id
FROM generations
WHERE generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told') AND generations.storyboard_id IS NULL AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.generation_id = generations.id)) ORDER BY generations.finished_at
 LIMIT :most OFFSET :param_1)
 DELETE FROM generations WHERE generations.id IN (SELECT unbilled.id
FROM unbilled) RETURNING 1;

-- anything over
SELECT storyboards.id
FROM storyboards
WHERE storyboards.finished_at < :before AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told')))))
 LIMIT 1 OFFSET :param_1;

-- purge entries of shots
WITH over AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < :before AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT :most OFFSET :param_1)
 DELETE FROM ledger WHERE ledger.generation_id IN (SELECT generations.id
FROM generations
WHERE generations.storyboard_id IN (SELECT over.id
FROM over)) RETURNING 1;

-- purge shots
WITH over AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < :before AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT :most OFFSET :param_1)
 DELETE FROM generations WHERE generations.storyboard_id IN (SELECT over.id
FROM over) AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.generation_id = generations.id)) RETURNING 1;

-- purge storyboards
WITH over AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.finished_at < :before AND (storyboards.status NOT IN ('joining', 'shooting')) AND storyboards.due_at IS NULL AND storyboards.lease_until IS NULL AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id AND (generations.finished_at IS NULL OR NOT (generations.finished_at < :before AND (generations.status NOT IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain')) AND generations.due_at IS NULL AND generations.lease_until IS NULL AND generations.watch = 0 AND generations.notice IN ('none', 'told') AND generations.copy IN ('none', 'told'))))) ORDER BY storyboards.finished_at
 LIMIT :most OFFSET :param_1)
 DELETE FROM storyboards WHERE storyboards.id IN (SELECT over.id
FROM over) AND NOT (EXISTS (SELECT *
FROM generations
WHERE generations.storyboard_id = storyboards.id)) RETURNING 1;

-- any period past
SELECT counters.period
FROM counters
WHERE counters.period < :its_month AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.day BETWEEN counters.period AND counters.period || '-31'))
 LIMIT 1 OFFSET :param_1;

-- purge counters
DELETE FROM counters WHERE (counters.scope, counters.subject, counters.period) IN (SELECT counters.scope, counters.subject, counters.period
FROM counters
WHERE counters.period < :its_month AND NOT (EXISTS (SELECT *
FROM ledger
WHERE ledger.day BETWEEN counters.period AND counters.period || '-31'))
 LIMIT :most OFFSET :param_1);

-- any old deed
SELECT audit.id
FROM audit
WHERE audit.at < :before
 LIMIT 1 OFFSET :param_1;

-- purge deeds
DELETE FROM audit WHERE audit.id IN (SELECT audit.id
FROM audit
WHERE audit.at < :before
 LIMIT :most OFFSET :param_1);

-- any old grant
SELECT grants.id
FROM grants
WHERE grants.period < :its_month
 LIMIT 1 OFFSET :param_1;

-- purge grants
DELETE FROM grants WHERE grants.id IN (SELECT grants.id
FROM grants
WHERE grants.period < :its_month
 LIMIT :most OFFSET :param_1);

-- rules of
SELECT servers.rules, servers.version
FROM servers
WHERE servers.guild_id = :its_guild;

-- put rules
INSERT INTO servers (guild_id, rules, version, updated_at) VALUES (:its_guild, :its_rules, :its_version, :now) ON CONFLICT (guild_id) DO UPDATE SET rules = :its_rules, version = :its_version, updated_at = :now WHERE servers.version = :seen;

-- start storyboard
INSERT INTO storyboards (id, status, requester, member, place, interaction_id, created_at, updated_at, due_at, shots, continuous, version, woken, lease_until, joined, enough, stuck_since, misses, card_id, card_intended_at, card_shown, card_edited_at, finished_at, user_id) VALUES (:id, :status, :requester, :member, :place, :interaction_id, :created_at, :updated_at, :due_at, :shots, :continuous, :version, :woken, :lease_until, :joined, :enough, :stuck_since, :misses, :card_id, :card_intended_at, :card_shown, :card_edited_at, :finished_at, :user_id) ON CONFLICT (interaction_id) DO NOTHING;

-- storyboard by id
SELECT storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at
FROM storyboards
WHERE storyboards.id = :its_id;

-- storyboard by interaction
SELECT storyboards.id, storyboards.status, storyboards.requester, storyboards.member, storyboards.place, storyboards.interaction_id, storyboards.created_at, storyboards.updated_at, storyboards.due_at, storyboards.shots, storyboards.continuous, storyboards.version, storyboards.woken, storyboards.lease_until, storyboards.joined, storyboards.enough, storyboards.stuck_since, storyboards.misses, storyboards.card_id, storyboards.card_intended_at, storyboards.card_shown, storyboards.card_edited_at, storyboards.finished_at
FROM storyboards
WHERE storyboards.interaction_id = :its_interaction;

-- claim storyboards
WITH due_boards AS
(SELECT storyboards.id AS id
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND storyboards.due_at <= :now AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= :now) ORDER BY storyboards.due_at, storyboards.id
 LIMIT :most OFFSET :param_1)
 UPDATE storyboards SET version=(storyboards.version + 1), lease_until=:until WHERE storyboards.id IN (SELECT due_boards.id
FROM due_boards) RETURNING id, status, requester, member, place, interaction_id, created_at, updated_at, due_at, shots, continuous, version, woken, lease_until, joined, enough, stuck_since, misses, card_id, card_intended_at, card_shown, card_edited_at, finished_at;

-- wake storyboard
UPDATE storyboards SET due_at=:now, woken=(storyboards.woken + 1) WHERE storyboards.id = :its_id AND storyboards.status IN ('joining', 'shooting');

-- enough shots
UPDATE storyboards SET due_at=:now, woken=(storyboards.woken + 1), enough=1 WHERE storyboards.id = :its_id AND storyboards.status = 'shooting';

-- clear leases of storyboards
UPDATE storyboards SET lease_until=NULL WHERE storyboards.lease_until IS NOT NULL;

-- next storyboard due
SELECT min(CASE WHEN (storyboards.lease_until > storyboards.due_at) THEN storyboards.lease_until ELSE storyboards.due_at END) AS min_1
FROM storyboards
WHERE storyboards.due_at IS NOT NULL;

-- shots
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.storyboard_id = :its_id AND generations.shot IS NOT NULL ORDER BY generations.shot, generations.created_at, generations.id;

-- turn off
INSERT INTO switches (name, actor_id, at) VALUES (:its_name, :its_actor, :now) ON CONFLICT (name) DO NOTHING;

-- turn on
DELETE FROM switches WHERE :its_name IS NULL OR switches.name = :its_name;

-- turned off
SELECT switches.name
FROM switches ORDER BY switches.name;

-- latest
SELECT max(generations.updated_at) AS max_1
FROM generations
WHERE generations.due_at IS NOT NULL;

-- waits
SELECT CASE WHEN ((EXISTS (SELECT 1
FROM generations
WHERE generations.due_at IS NOT NULL AND generations.due_at <= :now AND (generations.lease_until IS NULL OR generations.lease_until <= :now))) OR (EXISTS (SELECT 1
FROM generations
WHERE status = 'queued' AND ready_at IS NOT NULL AND generations.ready_at <= :now AND (generations.lease_until IS NULL OR generations.lease_until <= :now))) OR (EXISTS (SELECT 1
FROM storyboards
WHERE storyboards.due_at IS NOT NULL AND storyboards.due_at <= :now AND (storyboards.lease_until IS NULL OR storyboards.lease_until <= :now)))) THEN 1 ELSE 0 END AS anon_1;

-- set back
UPDATE generations SET due_at=CASE WHEN (generations.due_at > :now) THEN :now ELSE generations.due_at END, lease_until=CASE WHEN (generations.lease_until > :until) THEN :until ELSE generations.lease_until END, ready_at=CASE WHEN (generations.ready_at > :now) THEN :now ELSE generations.ready_at END, ask_at=CASE WHEN (generations.ask_at > :now) THEN :now ELSE generations.ask_at END, asked_at=CASE WHEN (generations.asked_at > :now) THEN :now ELSE generations.asked_at END, card_edited_at=CASE WHEN (generations.card_edited_at > :now) THEN :now ELSE generations.card_edited_at END WHERE generations.due_at > :now OR generations.lease_until > :until;

-- set back boards
UPDATE storyboards SET due_at=CASE WHEN (storyboards.due_at > :now) THEN :now ELSE storyboards.due_at END, lease_until=CASE WHEN (storyboards.lease_until > :until) THEN :until ELSE storyboards.lease_until END, stuck_since=CASE WHEN (storyboards.stuck_since > :now) THEN :now ELSE storyboards.stuck_since END, card_edited_at=CASE WHEN (storyboards.card_edited_at > :now) THEN :now ELSE storyboards.card_edited_at END WHERE storyboards.due_at > :now OR storyboards.lease_until > :until;

-- move
UPDATE generations SET status=:new_status, updated_at=:now, due_at=CASE WHEN (generations.woken > :seen) THEN :now ELSE :due END, version=(generations.version + 1), woken=CASE WHEN (generations.woken > :seen) THEN generations.woken - :seen ELSE 0 END, lease_until=:until, attempts=:new_attempts, begun=CASE WHEN (:until IS NULL) THEN 0 ELSE generations.begun END WHERE generations.id = :its_id AND generations.version = :its_version AND generations.status = :its_status RETURNING id, status, asked, request, requester, member, place, cost, interaction_id, created_at, updated_at, due_at, version, woken, lease_until, ready_at, cancel_wished, attempts, body, submitted_at, task_id, named_task_id, ask_at, asked_at, asks, misses, progress, expected_at, worst_at, task_status, urls, rendered_at, charged, reason, used_model, film, upload_limit, card_id, card_intended_at, card_shown, card_edited_at, posting_since, posting_place, message_id, message_channel_id, removed, notice, notice_since, finished_at, watch, counts_in_full, parent_id, tried, storyboard_id, shot, released_at, refunded, copy, copy_since, forget, begun;

-- note
UPDATE generations SET card_id=:new_card_id WHERE generations.id = :its_id AND generations.user_id != 0;

-- take freely
INSERT INTO counters (scope, subject, period, videos, seconds, credits) VALUES (:its_scope_0, :its_subject_0, :its_period_0, :more_videos_0, :more_seconds_0, :more_credits_0), (:its_scope_1, :its_subject_1, :its_period_1, :more_videos_1, :more_seconds_1, :more_credits_1) ON CONFLICT (scope, subject, period) DO UPDATE SET videos = (counters.videos + excluded.videos), seconds = (counters.seconds + excluded.seconds), credits = (counters.credits + excluded.credits);

-- listed here
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.guild_id = :its_guild AND status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) ORDER BY generations.created_at, generations.id
 LIMIT :most OFFSET :param_1;

-- listed everywhere
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) ORDER BY generations.created_at, generations.id
 LIMIT :most OFFSET :param_1;

-- backlog here
SELECT generations.status, count(*) AS count_1, min(coalesce(generations.released_at, generations.created_at)) AS min_1
FROM generations
WHERE generations.guild_id = :its_guild AND status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') GROUP BY generations.status;

-- backlog everywhere
SELECT generations.status, count(*) AS count_1, min(coalesce(generations.released_at, generations.created_at)) AS min_1
FROM generations
WHERE status IN ('fetched', 'parked', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') GROUP BY generations.status;

-- older of all
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at < :its_time OR generations.created_at = :its_time AND generations.id < :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT :most OFFSET :param_1;

-- newer of all
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT :most OFFSET :param_1;

-- older of open
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at < :its_time OR generations.created_at = :its_time AND generations.id < :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT :most OFFSET :param_1;

-- newer of open
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('fetched', 'posting', 'queued', 'rendered', 'running', 'submitting', 'uncertain') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT :most OFFSET :param_1;

-- older of done
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at < :its_time OR generations.created_at = :its_time AND generations.id < :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('delivered') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT :most OFFSET :param_1;

-- newer of done
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('delivered') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT :most OFFSET :param_1;

-- older of without
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at < :its_time OR generations.created_at = :its_time AND generations.id < :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('cancelled', 'expired', 'failed', 'refused') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT :most OFFSET :param_1;

-- newer of without
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('cancelled', 'expired', 'failed', 'refused') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT :most OFFSET :param_1;

-- older of parked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at < :its_time OR generations.created_at = :its_time AND generations.id < :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('parked') ORDER BY generations.created_at DESC, generations.id DESC
 LIMIT :most OFFSET :param_1;

-- newer of parked
SELECT generations.id, generations.status, generations.asked, generations.request, generations.requester, generations.member, generations.place, generations.cost, generations.interaction_id, generations.created_at, generations.updated_at, generations.due_at, generations.version, generations.woken, generations.lease_until, generations.ready_at, generations.cancel_wished, generations.attempts, generations.body, generations.submitted_at, generations.task_id, generations.named_task_id, generations.ask_at, generations.asked_at, generations.asks, generations.misses, generations.progress, generations.expected_at, generations.worst_at, generations.task_status, generations.urls, generations.rendered_at, generations.charged, generations.reason, generations.used_model, generations.film, generations.upload_limit, generations.card_id, generations.card_intended_at, generations.card_shown, generations.card_edited_at, generations.posting_since, generations.posting_place, generations.message_id, generations.message_channel_id, generations.removed, generations.notice, generations.notice_since, generations.finished_at, generations.watch, generations.counts_in_full, generations.parent_id, generations.tried, generations.storyboard_id, generations.shot, generations.released_at, generations.refunded, generations.copy, generations.copy_since, generations.forget, generations.begun
FROM generations
WHERE generations.user_id = :its_user AND (generations.created_at > :its_time OR generations.created_at = :its_time AND generations.id > :its_id) AND (generations.prompt LIKE :pattern ESCAPE '!' OR generations.id = :words) AND status IN ('parked') ORDER BY generations.created_at ASC, generations.id ASC
 LIMIT :most OFFSET :param_1;
