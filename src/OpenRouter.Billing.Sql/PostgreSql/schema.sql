-- The ledger of OpenRouter.Billing for PostgreSQL 13 and later, version 1.
-- Instants are ticks: tenths of a microsecond since the year 1, UTC. Money is in billionths of a US dollar.

CREATE TABLE {t}version (
    version integer NOT NULL
);

-- One row per limit. "total" is all that was ever settled; "last_end" is where the newest second with use ends.
CREATE TABLE {t}limits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    leased bigint NOT NULL DEFAULT 0,
    total numeric(39, 0) NOT NULL DEFAULT 0,
    last_end bigint NOT NULL DEFAULT 0,
    buckets integer NOT NULL DEFAULT 0,
    compact_above integer NOT NULL DEFAULT 512,
    next_deadline bigint NOT NULL DEFAULT 9223372036854775807,
    reach bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- All that was settled up to an instant, so that the use of a window is one difference, however long it is.
CREATE TABLE {t}buckets (
    limit_id bigint NOT NULL,
    end_at bigint NOT NULL,
    total numeric(39, 0) NOT NULL,
    PRIMARY KEY (limit_id, end_at)
);

-- What open leases hold; "booked_at" is set when one has expired and counts in full.
CREATE TABLE {t}holds (
    lease uuid NOT NULL,
    number smallint NOT NULL,
    limit_id bigint NOT NULL,
    unit smallint NOT NULL,
    amount bigint NOT NULL,
    deadline bigint NOT NULL,
    not_before bigint NOT NULL,
    booked_at bigint,
    PRIMARY KEY (lease, number)
);
CREATE INDEX {i}holds_due ON {t}holds (limit_id, deadline);

-- Whose spending a lease is, until both of its costs are known.
CREATE TABLE {t}leases (
    id uuid PRIMARY KEY,
    deadline bigint NOT NULL,
    claimed bigint NOT NULL,
    labels bytea NOT NULL,
    project text,
    member text,
    workspace text,
    key_hash text,
    model text,
    has_cost boolean NOT NULL DEFAULT false,
    has_byok boolean NOT NULL DEFAULT false,
    is_guess boolean NOT NULL DEFAULT false,
    day integer
);
CREATE INDEX {i}leases_due ON {t}leases (deadline) WHERE NOT is_guess;

-- Sums of spending; days are counted since the year 1, "labels" is a digest of the five names.
CREATE TABLE {t}spend (
    day integer NOT NULL,
    labels bytea NOT NULL,
    project text,
    member text,
    workspace text,
    key_hash text,
    model text,
    requests bigint NOT NULL,
    cost numeric(39, 0) NOT NULL,
    cost_with_byok numeric(39, 0) NOT NULL,
    PRIMARY KEY (day, labels)
);

CREATE TABLE {t}state (
    name text PRIMARY KEY,
    value text NOT NULL,
    version bigint NOT NULL,
    written_at bigint NOT NULL,
    keep_until bigint NOT NULL
);
CREATE SEQUENCE {t}state_version;

-- The server's clock decides; another one is given by tests only.
CREATE FUNCTION {t}now(p_now bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(p_now, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000)
$$;

-- The functions that a ledger calls for each request keep the plans that they made first, and find rows by their indexes only:
-- planning anew takes longer than all they do, and a plan from when there were few limits is a bad one when there are many.
-- So each reads a table under "= ANY" of its keys, also where a join would do, and none takes the order of an index that it
-- does not search (hence "id + 0"): a plan from when the table was empty would walk through that whole index ever after.

-- Merges buckets that have grown old: seconds into minutes, minutes into hours, hours into days.
CREATE FUNCTION {t}merge(p_limit bigint, p_width bigint, p_until bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM {t}buckets b
     WHERE b.limit_id = p_limit AND (b.end_at + p_width - 1) / p_width * p_width <= p_until
       AND EXISTS (SELECT 1 FROM {t}buckets n
                    WHERE n.limit_id = p_limit AND n.end_at > b.end_at AND n.end_at <= (b.end_at + p_width - 1) / p_width * p_width);
    UPDATE {t}buckets
       SET end_at = (end_at + p_width - 1) / p_width * p_width
     WHERE limit_id = p_limit AND end_at % p_width <> 0 AND (end_at + p_width - 1) / p_width * p_width <= p_until;
$$;

-- Books settled use on a limit that is locked, and returns the instant under which it is found again.
CREATE FUNCTION {t}book(p_limit bigint, p_at bigint, p_amount numeric) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    l {t}limits%ROWTYPE;
    kept integer;
BEGIN
    IF p_amount = 0 THEN
        RETURN p_at;
    END IF;
    SELECT * INTO STRICT l FROM {t}limits WHERE id = p_limit;
    -- A clock that went back books into the newest second: later than true, so it counts longer than needed.
    IF p_at < l.last_end THEN
        UPDATE {t}limits SET total = l.total + p_amount WHERE id = p_limit;
        RETURN l.last_end - 1;
    END IF;
    kept := l.buckets;
    IF l.last_end > 0 THEN
        INSERT INTO {t}buckets (limit_id, end_at, total) VALUES (p_limit, l.last_end, l.total);
        kept := kept + 1;
    END IF;
    IF kept >= l.compact_above THEN
        PERFORM {t}merge(p_limit, 600000000, p_at - 1200000000);
        PERFORM {t}merge(p_limit, 36000000000, p_at - 936000000000);
        PERFORM {t}merge(p_limit, 864000000000, p_at - 1728000000000);
        SELECT count(*) INTO kept FROM {t}buckets WHERE limit_id = p_limit;
        l.compact_above := greatest(512, 2 * kept);
    END IF;
    UPDATE {t}limits
       SET total = l.total + p_amount, last_end = p_at - p_at % 10000000 + 10000000, buckets = kept, compact_above = l.compact_above
     WHERE id = p_limit;
    RETURN p_at;
END
$$;

-- Takes back what was booked at an instant.
CREATE FUNCTION {t}unbook(p_limit bigint, p_at bigint, p_amount bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE {t}buckets SET total = total - p_amount WHERE limit_id = p_limit AND end_at > p_at;
    UPDATE {t}limits SET total = total - p_amount WHERE id = p_limit;
$$;

-- Books the holds of limits that are locked as soon as they have expired: in full, as of their expiry.
CREATE FUNCTION {t}expire(p_limits bigint[], p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h record;
BEGIN
    FOR h IN SELECT lease, number, limit_id, amount, deadline, not_before FROM {t}holds
              WHERE limit_id = ANY(p_limits) AND booked_at IS NULL AND deadline <= p_now
              ORDER BY deadline, lease, number LIMIT 1000
    LOOP
        UPDATE {t}holds SET booked_at = {t}book(h.limit_id, greatest(h.deadline, h.not_before), h.amount) WHERE lease = h.lease AND number = h.number;
        UPDATE {t}limits SET leased = leased - h.amount WHERE id = h.limit_id;
    END LOOP;
    UPDATE {t}limits l
       SET next_deadline = coalesce((SELECT min(deadline) FROM {t}holds WHERE limit_id = l.id AND booked_at IS NULL), 9223372036854775807)
     WHERE id = ANY(p_limits) AND next_deadline <= p_now;
END
$$;

-- How much of a limit is in use, claim by claim: an array of "settled", "leased" and "oldest" each.
CREATE FUNCTION {t}usage(p_names text[], p_index integer[], p_since bigint[], p_windows bigint[], p_now bigint,
                         OUT settled bigint[], OUT leased bigint[], OUT oldest bigint[]) LANGUAGE sql STABLE AS $$
    SELECT array_agg(least(coalesce(l.total - b.prior, 0), 9223372036854775807)::bigint ORDER BY c.number),
           array_agg(coalesce(l.leased, 0) ORDER BY c.number),
           array_agg(CASE WHEN l.total > b.prior THEN coalesce(
               (SELECT o.end_at FROM {t}buckets o WHERE o.limit_id = l.id AND o.end_at > b.since AND o.total > b.prior ORDER BY o.end_at LIMIT 1),
               l.last_end) END ORDER BY c.number)
      FROM unnest(p_index, p_since, p_windows) WITH ORDINALITY c(idx, since, win, number)
      LEFT JOIN {t}limits l ON l.name = p_names[c.idx] AND l.name = ANY(p_names)
      LEFT JOIN LATERAL (
          SELECT s.since, CASE WHEN l.last_end <= s.since THEN l.total
                 ELSE coalesce((SELECT p.total FROM {t}buckets p WHERE p.limit_id = l.id AND p.end_at <= s.since ORDER BY p.end_at DESC LIMIT 1), 0) END AS prior
            FROM (SELECT CASE WHEN c.win > 0 THEN least(c.since, p_now - c.win) ELSE c.since END AS since) s) b ON true
$$;

CREATE FUNCTION {t}peek(p_names text[], p_index integer[], p_since bigint[], p_windows bigint[], p_now bigint,
                        OUT settled bigint[], OUT leased bigint[], OUT oldest bigint[]) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    ids bigint[];
    instant bigint := {t}now(p_now);
BEGIN
    IF EXISTS (SELECT 1 FROM {t}limits WHERE name = ANY(p_names) AND next_deadline <= instant) THEN
        SELECT array_agg(id) INTO ids FROM (SELECT id FROM {t}limits WHERE name = ANY(p_names) ORDER BY id + 0 FOR UPDATE) locked;
        PERFORM {t}expire(ids, instant);
    END IF;
    SELECT u.settled, u.leased, u.oldest INTO settled, leased, oldest FROM {t}usage(p_names, p_index, p_since, p_windows, instant) u;
END
$$;

-- Takes all claims of a request, or none. Limits are locked in the order of their ids; so no two requests wait for each other.
CREATE FUNCTION {t}acquire(p_lease uuid, p_again boolean, p_duration bigint, p_names text[], p_index integer[], p_units smallint[],
                           p_amounts bigint[], p_wanted bigint[], p_capacities bigint[], p_since bigint[], p_windows bigint[],
                           p_claimed bigint, p_labels bytea, p_project text, p_member text, p_workspace text, p_key_hash text, p_model text, p_now bigint,
                           OUT granted boolean, OUT settled bigint[], OUT leased bigint[], OUT oldest bigint[]) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    ids bigint[];
    due bigint;
    instant bigint;
    until bigint;
BEGIN
    granted := true;
    -- Asked again after an answer that got lost: it may be held already.
    IF p_again AND (EXISTS (SELECT 1 FROM {t}holds WHERE lease = p_lease) OR EXISTS (SELECT 1 FROM {t}leases WHERE id = p_lease)) THEN
        RETURN;
    END IF;
    IF cardinality(p_names) > 0 THEN
        -- In the order of the names.
        SELECT array_agg(id ORDER BY array_position(p_names, name)), min(next_deadline) INTO ids, due
          FROM (SELECT id, name, next_deadline FROM {t}limits WHERE name = ANY(p_names) ORDER BY id + 0 FOR UPDATE) locked;
        IF cardinality(ids) IS DISTINCT FROM cardinality(p_names) THEN
            granted := NULL;
            RETURN;
        END IF;
    END IF;
    instant := {t}now(p_now);
    IF due <= instant THEN
        PERFORM {t}expire(ids, instant);
    END IF;
    SELECT coalesce(bool_and(c.wanted::numeric + l.leased + l.total - CASE WHEN l.last_end <= s.since THEN l.total
               ELSE coalesce((SELECT b.total FROM {t}buckets b WHERE b.limit_id = l.id AND b.end_at <= s.since ORDER BY b.end_at DESC LIMIT 1), 0) END <= c.capacity), true)
      INTO granted
      FROM unnest(p_index, p_wanted, p_capacities, p_since, p_windows) c(idx, wanted, capacity, since, win)
      JOIN {t}limits l ON l.id = ids[c.idx] AND l.id = ANY(ids)
      CROSS JOIN LATERAL (SELECT CASE WHEN c.win > 0 THEN least(c.since, instant - c.win) ELSE c.since END AS since) s;
    IF NOT granted THEN
        SELECT u.settled, u.leased, u.oldest INTO settled, leased, oldest FROM {t}usage(p_names, p_index, p_since, p_windows, instant) u;
        RETURN;
    END IF;
    until := CASE WHEN p_duration > 9223372036854775807 - instant THEN 9223372036854775807 ELSE instant + p_duration END;
    IF p_claimed IS NOT NULL THEN
        INSERT INTO {t}leases (id, deadline, claimed, labels, project, member, workspace, key_hash, model)
        VALUES (p_lease, until, p_claimed, p_labels, p_project, p_member, p_workspace, p_key_hash, p_model);
    END IF;
    IF ids IS NOT NULL THEN
        -- A claim on a window that is yet to begin, by a clock that is ahead of this one, is booked where it begins.
        INSERT INTO {t}holds (lease, number, limit_id, unit, amount, deadline, not_before)
        SELECT p_lease, c.number, ids[c.idx], c.unit, c.amount, until, CASE WHEN c.win = 0 AND c.since > instant AND c.since <= instant + 6000000000 THEN c.since ELSE 0 END
          FROM unnest(p_index, p_units, p_amounts, p_since, p_windows) WITH ORDINALITY c(idx, unit, amount, since, win, number);
        UPDATE {t}limits l
           SET leased = l.leased + t.amount, next_deadline = least(l.next_deadline, until), reach = greatest(l.reach, instant - t.since)
          FROM (SELECT ids[c.idx] AS id, sum(c.amount)::bigint AS amount, min(c.since) AS since FROM unnest(p_index, p_amounts, p_since) c(idx, amount, since) GROUP BY c.idx) t
         WHERE l.id = t.id AND l.id = ANY(ids);
    END IF;
END
$$;

-- Adds limits that nobody has claimed before; in one order, so that no two requests wait for each other.
CREATE FUNCTION {t}add_limits(p_names text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO {t}limits (name) SELECT name FROM unnest(p_names) name ORDER BY name ON CONFLICT (name) DO NOTHING
$$;

-- One at a time: settlements of many leases touch rows in no order of their own.
CREATE FUNCTION {t}settlement_lock() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock((1330790985::bigint << 32) + ('{t}spend'::regclass)::oid::bigint)
$$;

-- Books settlements and returns of many leases at once; what is not held any more is not booked again. Beside the units, -1 says
-- for how many requests a lease stands in the sums of spending.
CREATE FUNCTION {t}settle(p_leases uuid[], p_units smallint[], p_amounts bigint[], p_released uuid[], p_now bigint) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    r record;
    ids bigint[];
    due bigint;
    instant bigint;
BEGIN
    PERFORM {t}settlement_lock();
    SELECT array_agg(limit_id) INTO ids FROM {t}holds WHERE lease = ANY(p_leases || p_released);
    SELECT array_agg(id), min(next_deadline) INTO ids, due
      FROM (SELECT id, next_deadline FROM {t}limits WHERE id = ANY(ids) ORDER BY id FOR UPDATE) locked;
    instant := {t}now(p_now);
    -- First what came first: what expired long ago must not be booked behind what is settled now.
    IF due <= instant THEN
        PERFORM {t}expire(ids, instant);
    END IF;
    FOR r IN SELECT h.limit_id, h.booked_at, h.amount FROM {t}holds h JOIN unnest(p_leases, p_units) i(lease, unit) ON h.lease = i.lease AND h.unit = i.unit WHERE h.lease = ANY(p_leases) AND h.booked_at IS NOT NULL
             UNION ALL SELECT h.limit_id, h.booked_at, h.amount FROM {t}holds h WHERE h.lease = ANY(p_released) AND h.booked_at IS NOT NULL
    LOOP
        PERFORM {t}unbook(r.limit_id, r.booked_at, r.amount);
    END LOOP;
    FOR r IN WITH gone AS (
                 DELETE FROM {t}holds h USING unnest(p_leases, p_units, p_amounts) i(lease, unit, amount) WHERE h.lease = ANY(p_leases) AND h.lease = i.lease AND h.unit = i.unit
                 RETURNING h.limit_id, CASE WHEN h.booked_at IS NULL THEN h.amount ELSE 0 END AS held, greatest(instant, h.not_before) AS booked, i.amount)
             SELECT limit_id, booked, sum(held) AS held, sum(amount) AS amount FROM gone GROUP BY limit_id, booked ORDER BY limit_id, booked
    LOOP
        UPDATE {t}limits SET leased = leased - r.held::bigint WHERE id = r.limit_id AND r.held <> 0;
        PERFORM {t}book(r.limit_id, r.booked, r.amount);
    END LOOP;
    WITH gone AS (
        DELETE FROM {t}holds h WHERE h.lease = ANY(p_released)
        RETURNING h.limit_id, CASE WHEN h.booked_at IS NULL THEN h.amount ELSE 0 END AS held)
    UPDATE {t}limits l SET leased = l.leased - g.held FROM (SELECT limit_id, sum(held)::bigint AS held FROM gone GROUP BY limit_id) g
     WHERE l.id = g.limit_id AND l.id = ANY(ARRAY(SELECT limit_id FROM gone)) AND g.held <> 0;

    -- What a request cost stays on the day on which it was first booked.
    WITH cost AS (
        SELECT l.id, l.labels, l.project, l.member, l.workspace, l.key_hash, l.model, coalesce(l.day, (instant / 864000000000)::integer) AS day, CASE WHEN l.day IS NULL THEN coalesce(n.amount, 1) ELSE 0 END AS requests,
               CASE WHEN NOT l.has_cost THEN c.amount - CASE WHEN l.is_guess THEN l.claimed ELSE 0 END END AS cost,
               CASE WHEN NOT l.has_byok THEN b.amount - CASE WHEN l.is_guess THEN l.claimed ELSE 0 END END AS byok
          FROM {t}leases l
          LEFT JOIN unnest(p_leases, p_units, p_amounts) c(lease, unit, amount) ON c.lease = l.id AND c.unit = 0
          LEFT JOIN unnest(p_leases, p_units, p_amounts) b(lease, unit, amount) ON b.lease = l.id AND b.unit = 1
          LEFT JOIN unnest(p_leases, p_units, p_amounts) n(lease, unit, amount) ON n.lease = l.id AND n.unit = -1
         WHERE l.id = ANY(p_leases) AND (c.lease IS NOT NULL OR b.lease IS NOT NULL)),
    booked AS (
        INSERT INTO {t}spend AS s (day, labels, project, member, workspace, key_hash, model, requests, cost, cost_with_byok)
        SELECT day, labels, min(project), min(member), min(workspace), min(key_hash), min(model), sum(requests), coalesce(sum(cost), 0), coalesce(sum(byok), 0)
          FROM cost GROUP BY day, labels
        ON CONFLICT (day, labels) DO UPDATE SET requests = s.requests + excluded.requests, cost = s.cost + excluded.cost, cost_with_byok = s.cost_with_byok + excluded.cost_with_byok)
    UPDATE {t}leases l SET day = c.day, has_cost = l.has_cost OR c.cost IS NOT NULL, has_byok = l.has_byok OR c.byok IS NOT NULL FROM cost c WHERE l.id = c.id AND l.id = ANY(p_leases);
    DELETE FROM {t}leases WHERE id = ANY(p_leases) AND has_cost AND has_byok;

    WITH gone AS (DELETE FROM {t}leases WHERE id = ANY(p_released) RETURNING day, labels, claimed, has_cost, has_byok, is_guess),
    back AS (
        SELECT day, labels, count(*) FILTER (WHERE NOT has_cost AND NOT has_byok) AS requests,
               coalesce(sum(claimed) FILTER (WHERE NOT has_cost), 0) AS cost, coalesce(sum(claimed) FILTER (WHERE NOT has_byok), 0) AS byok
          FROM gone WHERE is_guess GROUP BY day, labels)
    UPDATE {t}spend s SET requests = s.requests - b.requests, cost = s.cost - b.cost, cost_with_byok = s.cost_with_byok - b.byok
      FROM back b WHERE s.day = b.day AND s.labels = b.labels;
END
$$;

-- Books spending that was never settled at what it claimed, until a late settlement says better.
CREATE FUNCTION {t}expire_spend(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    instant bigint := {t}now(p_now);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM {t}leases WHERE NOT is_guess AND deadline <= instant) THEN
        RETURN;
    END IF;
    PERFORM {t}settlement_lock();
    WITH due AS (
        UPDATE {t}leases SET is_guess = true, day = coalesce(day, (deadline / 864000000000)::integer)
         WHERE NOT is_guess AND deadline <= instant
        RETURNING *),
    sums AS (
        SELECT day, labels, min(project) AS project, min(member) AS member, min(workspace) AS workspace, min(key_hash) AS key_hash, min(model) AS model,
               count(*) FILTER (WHERE NOT has_cost AND NOT has_byok) AS requests,
               coalesce(sum(claimed) FILTER (WHERE NOT has_cost), 0) AS cost, coalesce(sum(claimed) FILTER (WHERE NOT has_byok), 0) AS byok
          FROM due GROUP BY day, labels)
    INSERT INTO {t}spend AS s (day, labels, project, member, workspace, key_hash, model, requests, cost, cost_with_byok)
    SELECT day, labels, project, member, workspace, key_hash, model, requests, cost, byok FROM sums
    ON CONFLICT (day, labels) DO UPDATE SET requests = s.requests + excluded.requests, cost = s.cost + excluded.cost, cost_with_byok = s.cost_with_byok + excluded.cost_with_byok;
END
$$;

-- Forgets what can count no more. Leases that expired a day ago will not be settled any more.
CREATE FUNCTION {t}prune(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    instant bigint := {t}now(p_now);
    l record;
BEGIN
    PERFORM {t}expire_spend(p_now);
    PERFORM {t}settlement_lock();
    DELETE FROM {t}holds WHERE booked_at IS NOT NULL AND deadline < instant - 864000000000;
    DELETE FROM {t}leases WHERE is_guess AND deadline < instant - 864000000000;
    DELETE FROM {t}spend WHERE day < (instant / 864000000000)::integer - 400;
    DELETE FROM {t}state WHERE keep_until <= instant;
    FOR l IN SELECT id FROM {t}limits
              WHERE leased = 0 AND (total = 0 OR (reach < 34560000000000 AND last_end < instant - 34560000000000)) ORDER BY id FOR UPDATE SKIP LOCKED
    LOOP
        IF NOT EXISTS (SELECT 1 FROM {t}holds WHERE limit_id = l.id) THEN
            DELETE FROM {t}buckets WHERE limit_id = l.id;
            DELETE FROM {t}limits WHERE id = l.id;
        END IF;
    END LOOP;
    -- One bucket older than that stays: it is what newer ones are counted from. Where there are few, all may stay.
    FOR l IN SELECT id FROM {t}limits WHERE buckets > 300 ORDER BY id FOR UPDATE SKIP LOCKED
    LOOP
        DELETE FROM {t}buckets WHERE limit_id = l.id AND end_at < (
            SELECT max(end_at) FROM {t}buckets WHERE limit_id = l.id AND end_at <= instant - 345600000000000);
        UPDATE {t}limits SET buckets = (SELECT count(*) FROM {t}buckets WHERE limit_id = l.id) WHERE id = l.id;
    END LOOP;
END
$$;

CREATE FUNCTION {t}read_state(p_name text, p_now bigint, OUT value text, OUT version bigint, OUT age bigint) RETURNS SETOF record LANGUAGE sql VOLATILE AS $$
    SELECT s.value, s.version, n.instant - s.written_at FROM {t}state s, (SELECT {t}now(p_now) AS instant) n WHERE s.name = p_name AND s.keep_until > n.instant
$$;

-- Versions never come twice, so that a value that was forgotten meanwhile is not taken for its successor.
CREATE FUNCTION {t}write_state(p_name text, p_value text, p_expected bigint, p_keep_for bigint, p_now bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    instant bigint := {t}now(p_now);
    until bigint := CASE WHEN p_keep_for IS NULL OR p_keep_for > 9223372036854775807 - instant THEN 9223372036854775807 ELSE instant + p_keep_for END;
BEGIN
    IF p_expected = 0 THEN
        INSERT INTO {t}state AS s (name, value, version, written_at, keep_until) VALUES (p_name, p_value, nextval('{t}state_version'), instant, until)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = excluded.version, written_at = excluded.written_at, keep_until = excluded.keep_until
         WHERE s.keep_until <= instant;
    ELSE
        UPDATE {t}state SET value = p_value, version = nextval('{t}state_version'), written_at = instant, keep_until = until
         WHERE name = p_name AND version = p_expected AND keep_until > instant;
    END IF;
    RETURN FOUND;
END
$$;

INSERT INTO {t}version (version) VALUES (1);
