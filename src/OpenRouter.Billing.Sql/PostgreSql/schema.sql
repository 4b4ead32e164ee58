-- The ledger of OpenRouter.Billing for PostgreSQL 13 and later, version 1.
-- Instants are ticks: tenths of a microsecond since the year 1, UTC. Money is in billionths of a US dollar.

CREATE TABLE {t}version (
    version integer NOT NULL
);

-- One row per limit; names are in the order of their bytes, whatever the database sorts by, and all that wait for limits lock them
-- in this order. "leased" is also what a request asks for until it is known whether there is room, so it may pass 64 bits;
-- "total" is all that was ever settled; "last_end" is where the newest second with use ends.
CREATE TABLE {t}limits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    leased numeric(39, 0) NOT NULL DEFAULT 0,
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

-- One row per lease, until all of it is settled: its claims in arrays, an element each, and whose spending it is.
-- "starts" says which claims are on a window that is yet to begin, and "booked" which have expired and count in full since then;
-- each is null while it would say nothing. "settled" has a bit for each unit, whether claimed or not. "is_booked" is set when
-- nothing is left to be booked on any limit, "is_guess" when the sums of spending count what was claimed, or none are kept.
CREATE TABLE {t}leases (
    id uuid PRIMARY KEY,
    deadline bigint NOT NULL,
    limits bigint[] NOT NULL,
    units smallint[] NOT NULL,
    amounts bigint[] NOT NULL,
    starts bigint[],
    booked bigint[],
    settled integer NOT NULL DEFAULT 0,
    is_booked boolean NOT NULL DEFAULT false,
    is_guess boolean NOT NULL DEFAULT false,
    claimed bigint,
    labels bytea,
    project text,
    member text,
    workspace text,
    key_hash text,
    model text,
    day integer
);
CREATE INDEX {i}leases_due ON {t}leases (deadline) WHERE NOT (is_booked AND is_guess);

-- The claims of a lease that are not settled.
CREATE FUNCTION {t}open_claims(l {t}leases) RETURNS TABLE (number bigint, limit_id bigint, unit smallint, amount bigint, start bigint, booked_at bigint) LANGUAGE sql IMMUTABLE AS $$
    SELECT c.number, c.limit_id, c.unit, c.amount, c.start, c.booked_at
      FROM unnest(l.limits, l.units, l.amounts, l.starts, l.booked) WITH ORDINALITY c(limit_id, unit, amount, start, booked_at, number)
     WHERE (l.settled >> c.unit) & 1 = 0
$$;

-- What leases hold, for whoever looks.
CREATE VIEW {t}holds AS
    SELECT l.id AS lease, c.number, c.limit_id, c.unit, c.amount, l.deadline, c.start, c.booked_at FROM {t}leases l CROSS JOIN LATERAL {t}open_claims(l) c;

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
-- So each reads a table under a key or "= ANY" of its keys, also where a join would do, and none takes the order of an index that
-- it does not search (hence no merge joins, and names sorted as expressions): a plan from when the table was empty would walk
-- through that whole index ever after.

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

-- Books what leases hold on limits that are locked as soon as they have expired: in full, as of their expiry. Some at a time;
-- tells whether there may be more.
CREATE FUNCTION {t}expire(p_limits bigint[], p_now bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    r record;
    found_at bigint;
    leases uuid[];
BEGIN
    leases := ARRAY(
        SELECT l.id FROM {t}leases l CROSS JOIN LATERAL {t}open_claims(l) c
         WHERE NOT l.is_booked AND l.deadline <= p_now AND l.limits && p_limits AND c.limit_id = ANY(p_limits) AND c.booked_at IS NULL
         ORDER BY l.deadline, l.id, c.number LIMIT 1000);
    -- Another one may book the same leases, on other limits.
    PERFORM id FROM {t}leases WHERE id = ANY(leases) ORDER BY deadline, id FOR UPDATE;
    -- Those of a second at once: a limit that is written for each of thousands in one transaction takes longer each time.
    FOR r IN SELECT c.limit_id, max(greatest(l.deadline, c.start)) AS ends_at, sum(c.amount) AS amount, array_agg(l.id) AS ids, array_agg(c.number) AS numbers
               FROM {t}leases l CROSS JOIN LATERAL {t}open_claims(l) c
              WHERE l.id = ANY(leases) AND c.limit_id = ANY(p_limits) AND c.booked_at IS NULL
              GROUP BY c.limit_id, greatest(l.deadline, c.start) / 10000000 ORDER BY 2, 1
    LOOP
        found_at := {t}book(r.limit_id, r.ends_at, r.amount);
        UPDATE {t}limits SET leased = leased - r.amount WHERE id = r.limit_id;
        FOR n IN 1..cardinality(r.ids)
        LOOP
            UPDATE {t}leases SET booked = coalesce(booked, array_fill(NULL::bigint, ARRAY[cardinality(limits)])) WHERE id = r.ids[n];
            UPDATE {t}leases SET booked[r.numbers[n]] = found_at WHERE id = r.ids[n];
        END LOOP;
    END LOOP;
    UPDATE {t}leases l SET is_booked = true
     WHERE id = ANY(leases) AND NOT EXISTS (SELECT 1 FROM {t}open_claims(l) c WHERE c.booked_at IS NULL);
    -- Whose lease is the next to expire is not asked: to look when there is nothing to book costs little, and is as seldom.
    UPDATE {t}limits
       SET next_deadline = CASE WHEN cardinality(leases) >= 1000 THEN p_now
                           ELSE coalesce((SELECT deadline FROM {t}leases WHERE NOT is_booked AND deadline > p_now ORDER BY deadline LIMIT 1), 9223372036854775807) END
     WHERE id = ANY(p_limits) AND next_deadline <= p_now;
    RETURN cardinality(leases) >= 1000;
END
$$;

-- The same for whoever must not count as held, or book behind what is newer, what has expired: all of it, unless it is so much
-- that the call would take too long and be given up, and begin anew each time.
CREATE FUNCTION {t}expire_all(p_limits bigint[], p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR round IN 1..10 LOOP
        EXIT WHEN NOT {t}expire(p_limits, p_now) OR clock_timestamp() - statement_timestamp() > interval '2 seconds';
    END LOOP;
END
$$;

-- How much is in use of the limit of each claim: what is settled for all claims, then what is leased, then the oldest use.
CREATE FUNCTION {t}usage(p_names text[], p_since bigint[], p_windows bigint[], p_now bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT array_agg(least(coalesce(l.total - b.prior, 0), 9223372036854775807)::bigint ORDER BY c.number)
            || array_agg(least(coalesce(l.leased, 0), 9223372036854775807)::bigint ORDER BY c.number)
            || array_agg(CASE WHEN l.total > b.prior THEN coalesce(
                   (SELECT o.end_at FROM {t}buckets o WHERE o.limit_id = l.id AND o.end_at > b.since AND o.total > b.prior ORDER BY o.end_at LIMIT 1),
                   l.last_end) END ORDER BY c.number)
          FROM unnest(p_names, p_since, p_windows) WITH ORDINALITY c(name, since, win, number)
          LEFT JOIN {t}limits l ON l.name = c.name AND l.name = ANY(p_names)
          LEFT JOIN LATERAL (
              SELECT s.since, CASE WHEN l.last_end <= s.since THEN l.total
                     ELSE coalesce((SELECT p.total FROM {t}buckets p WHERE p.limit_id = l.id AND p.end_at <= s.since ORDER BY p.end_at DESC LIMIT 1), 0) END AS prior
                FROM (SELECT CASE WHEN c.win > 0 THEN least(c.since, p_now - c.win) ELSE c.since END AS since) s) b ON true);
END
$$;

CREATE FUNCTION {t}peek(p_names text[], p_since bigint[], p_windows bigint[], p_now bigint) RETURNS bigint[] LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    ids bigint[];
    instant bigint := {t}now(p_now);
BEGIN
    IF EXISTS (SELECT 1 FROM {t}limits WHERE name = ANY(p_names) AND next_deadline <= instant) THEN
        SELECT array_agg(id) INTO ids FROM (SELECT id FROM {t}limits WHERE name = ANY(p_names) ORDER BY name FOR UPDATE) locked;
        PERFORM {t}expire(ids, instant);
    END IF;
    RETURN {t}usage(p_names, p_since, p_windows, instant);
END
$$;

-- Takes all claims of a request, or none: returns an empty array, or else how much is in use, or nothing if a limit is not there
-- yet. "p_totals" and "p_oldest" tell of all claims on the limit of each. Nearly every request has room, so its amounts are put on
-- the limits as they are locked, in the order of the only index that may be used, and taken off again if one of them has none.
-- In as few statements and expressions as can be: each costs more than what it does.
CREATE FUNCTION {t}acquire(p_lease uuid, p_again boolean, p_duration bigint, p_names text[], p_totals bigint[], p_oldest bigint[],
                           p_units smallint[], p_amounts bigint[], p_capacities bigint[], p_since bigint[], p_windows bigint[],
                           p_claimed bigint, p_labels bytea, p_project text, p_member text, p_workspace text, p_key_hash text, p_model text, p_now bigint)
    RETURNS bigint[] LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    -- Before others are waited for: a window that begins a little early counts more, and not less.
    instant bigint := {t}now(p_now);
    until bigint := CASE WHEN p_duration > 9223372036854775807 - instant THEN 9223372036854775807 ELSE instant + p_duration END;
    starts_at bigint[] := p_since;
    in_future bigint[];
    due bigint[];
    is_held boolean := false;
    -- Rows have it that this transaction has written. A limit that another adds meanwhile has it not, and does not count as there.
    me xid := pg_current_xact_id()::xid;
BEGIN
    IF 0 < ANY(p_windows) OR instant < ANY(p_since) THEN
        -- A claim on a window that is yet to begin, by a clock that is ahead of this one, is booked where it begins.
        SELECT array_agg(CASE WHEN win > 0 THEN least(since, instant - win) ELSE since END ORDER BY number),
               CASE WHEN instant < ANY(p_since) THEN array_agg(CASE WHEN win = 0 AND since > instant AND since <= instant + 6000000000 THEN since END ORDER BY number) END
          INTO starts_at, in_future
          FROM unnest(p_since, p_windows) WITH ORDINALITY c(since, win, number);
    END IF;
    UPDATE {t}limits l
       SET leased = l.leased + p_totals[array_position(p_names, l.name)], next_deadline = least(l.next_deadline, until),
           reach = greatest(l.reach, instant - p_oldest[array_position(p_names, l.name)])
     WHERE l.name = ANY(p_names);
    -- Asked again after an answer that got lost: it may be held already. Looked for behind the locks, which the attempt before may
    -- still have had.
    IF p_again THEN
        is_held := EXISTS (SELECT 1 FROM {t}leases WHERE id = p_lease);
    END IF;
    WHILE NOT is_held LOOP
        INSERT INTO {t}leases (id, deadline, limits, units, amounts, starts, is_booked, is_guess, claimed, labels, project, member, workspace, key_hash, model)
        SELECT p_lease, until, coalesce(c.ids, ARRAY[]::bigint[]), p_units, p_amounts, in_future, c.ids IS NULL, p_claimed IS NULL, p_claimed, p_labels, p_project, p_member, p_workspace, p_key_hash, p_model
          FROM (SELECT count(*) = cardinality(p_names)
                       AND bool_and(l.leased + CASE WHEN l.last_end <= c.since THEN 0 ELSE l.total - coalesce(
                           (SELECT b.total FROM {t}buckets b WHERE b.limit_id = l.id AND b.end_at <= c.since ORDER BY b.end_at DESC LIMIT 1), 0) END <= c.capacity) IS NOT FALSE AS have_room,
                       array_agg(l.id ORDER BY c.number) AS ids
                  FROM unnest(p_names, p_capacities, starts_at) WITH ORDINALITY c(name, capacity, since, number)
                  JOIN {t}limits l ON l.name = c.name AND l.name = ANY(p_names) AND l.xmin = me) c
         WHERE c.have_room AND (c.ids IS NOT NULL OR p_claimed IS NOT NULL);
        IF FOUND OR cardinality(p_names) = 0 THEN
            RETURN ARRAY[]::bigint[];
        END IF;
        -- What has expired counts as held until it is booked as of its expiry, perhaps before the windows began.
        EXIT WHEN due IS NOT NULL;
        due := ARRAY(SELECT id FROM {t}limits WHERE name = ANY(p_names) AND xmin = me AND next_deadline <= instant);
        EXIT WHEN cardinality(due) = 0;
        PERFORM {t}expire_all(due, instant);
        -- Which looked for the next lease to expire, and this one was not there.
        UPDATE {t}limits SET next_deadline = least(next_deadline, until) WHERE id = ANY(due);
    END LOOP;
    UPDATE {t}limits l SET leased = l.leased - p_totals[array_position(p_names, l.name)] WHERE l.name = ANY(p_names) AND l.xmin = me;
    RETURN CASE WHEN is_held THEN ARRAY[]::bigint[]
                WHEN (SELECT count(*) FROM unnest(p_names) c(name) JOIN {t}limits l ON l.name = c.name AND l.name = ANY(p_names) AND l.xmin = me) = cardinality(p_names)
                THEN {t}usage(p_names, p_since, p_windows, instant) END;
END
$$;

-- Adds limits that nobody has claimed before; in one order, so that no two requests wait for each other.
CREATE FUNCTION {t}add_limits(p_names text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO {t}limits (name) SELECT name FROM unnest(p_names) name ORDER BY name COLLATE "C" ON CONFLICT (name) DO NOTHING
$$;

-- One at a time: settlements of many leases touch rows in no order of their own.
CREATE FUNCTION {t}settlement_lock() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock((1330790985::bigint << 32) + ('{t}spend'::regclass)::oid::bigint)
$$;

-- What ends with these settlements and returns: how much is held, and how much was used of it.
CREATE FUNCTION {t}ending(p_leases uuid[], p_units smallint[], p_amounts bigint[], p_released uuid[])
    RETURNS TABLE (limit_id bigint, held bigint, start bigint, booked_at bigint, used bigint) LANGUAGE sql STABLE AS $$
    SELECT c.limit_id, c.amount, c.start, c.booked_at, i.amount
      FROM {t}leases l
      CROSS JOIN LATERAL {t}open_claims(l) c
      LEFT JOIN unnest(p_leases, p_units, p_amounts) i(lease, unit, amount) ON i.lease = l.id AND i.unit = c.unit
     WHERE l.id = ANY(p_leases || p_released) AND (i.lease IS NOT NULL OR l.id = ANY(p_released))
$$;

-- Books settlements and returns of many leases at once; what is not held any more is not booked again. Beside the units, -1 says
-- for how many requests a lease stands in the sums of spending.
CREATE FUNCTION {t}settle(p_leases uuid[], p_units smallint[], p_amounts bigint[], p_released uuid[], p_now bigint) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    r record;
    ids bigint[];
    late bigint[];
    due bigint;
    instant bigint;
BEGIN
    PERFORM {t}settlement_lock();
    SELECT array_agg(limit_id) INTO ids FROM {t}leases l, unnest(l.limits) limit_id WHERE l.id = ANY(p_leases || p_released);
    SELECT array_agg(id), min(next_deadline) INTO ids, due
      FROM (SELECT id, next_deadline FROM {t}limits WHERE id = ANY(ids) ORDER BY name || '' FOR UPDATE) locked;
    ids := coalesce(ids, ARRAY[]::bigint[]);
    -- What was granted since then, to a caller who gave it up, is on limits out of the order: they are not waited for.
    late := ARRAY(SELECT limit_id FROM {t}leases l, unnest(l.limits) limit_id WHERE l.id = ANY(p_released) AND limit_id <> ALL(ids));
    IF cardinality(late) > 0 THEN
        SELECT ids || array_agg(id), least(due, min(next_deadline)) INTO ids, due
          FROM (SELECT id, next_deadline FROM {t}limits WHERE id = ANY(late) FOR UPDATE SKIP LOCKED) locked;
    END IF;
    -- A lease whose limits are not all locked is left to expire; so is one that is granted after this: some of the statements below
    -- would see it, and some would not.
    p_released := ARRAY(SELECT id FROM {t}leases WHERE id = ANY(p_released) AND limits <@ ids);
    -- And so is one that is settled, though it is not there, when an attempt that was given up comes through only now.
    p_leases := ARRAY(SELECT l.id FROM unnest(p_leases) WITH ORDINALITY c(lease, number) LEFT JOIN {t}leases l ON l.id = c.lease AND l.id = ANY(p_leases) AND l.limits <@ ids ORDER BY c.number);
    instant := {t}now(p_now);
    -- First what came first: what expired long ago must not be booked behind what is settled now.
    IF due <= instant THEN
        PERFORM {t}expire_all(ids, instant);
    END IF;
    FOR r IN SELECT e.limit_id, e.booked_at, e.held FROM {t}ending(p_leases, p_units, p_amounts, p_released) e WHERE e.booked_at IS NOT NULL
    LOOP
        PERFORM {t}unbook(r.limit_id, r.booked_at, r.held);
    END LOOP;
    FOR r IN SELECT e.limit_id, greatest(instant, e.start) AS used_at, coalesce(sum(e.held) FILTER (WHERE e.booked_at IS NULL), 0) AS held, coalesce(sum(e.used), 0) AS used
               FROM {t}ending(p_leases, p_units, p_amounts, p_released) e GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        UPDATE {t}limits SET leased = leased - r.held WHERE id = r.limit_id AND r.held <> 0;
        PERFORM {t}book(r.limit_id, r.used_at, r.used);
    END LOOP;

    -- What a request cost stays on the day on which it was first booked.
    WITH cost AS (
        SELECT l.labels, l.project, l.member, l.workspace, l.key_hash, l.model, coalesce(l.day, (instant / 864000000000)::integer) AS day, CASE WHEN l.day IS NULL THEN coalesce(n.amount, 1) ELSE 0 END AS requests,
               CASE WHEN l.settled & 1 = 0 THEN c.amount - CASE WHEN l.is_guess THEN l.claimed ELSE 0 END END AS cost,
               CASE WHEN l.settled & 2 = 0 THEN b.amount - CASE WHEN l.is_guess THEN l.claimed ELSE 0 END END AS byok
          FROM {t}leases l
          LEFT JOIN unnest(p_leases, p_units, p_amounts) c(lease, unit, amount) ON c.lease = l.id AND c.unit = 0
          LEFT JOIN unnest(p_leases, p_units, p_amounts) b(lease, unit, amount) ON b.lease = l.id AND b.unit = 1
          LEFT JOIN unnest(p_leases, p_units, p_amounts) n(lease, unit, amount) ON n.lease = l.id AND n.unit = -1
         WHERE l.id = ANY(p_leases) AND l.claimed IS NOT NULL AND (c.lease IS NOT NULL OR b.lease IS NOT NULL))
    INSERT INTO {t}spend AS s (day, labels, project, member, workspace, key_hash, model, requests, cost, cost_with_byok)
    SELECT day, labels, min(project), min(member), min(workspace), min(key_hash), min(model), sum(requests), coalesce(sum(cost), 0), coalesce(sum(byok), 0)
      FROM cost GROUP BY day, labels
    ON CONFLICT (day, labels) DO UPDATE SET requests = s.requests + excluded.requests, cost = s.cost + excluded.cost, cost_with_byok = s.cost_with_byok + excluded.cost_with_byok;

    UPDATE {t}leases l
       SET settled = l.settled | i.bits, day = CASE WHEN i.bits & 3 = 0 THEN l.day ELSE coalesce(l.day, (instant / 864000000000)::integer) END,
           is_booked = l.is_booked OR NOT EXISTS (SELECT 1 FROM {t}open_claims(l) c WHERE c.booked_at IS NULL AND (i.bits >> c.unit) & 1 = 0)
      FROM (SELECT lease, bit_or(1 << unit) AS bits FROM unnest(p_leases, p_units) i(lease, unit) WHERE unit >= 0 GROUP BY lease) i
     WHERE l.id = i.lease AND l.id = ANY(p_leases);
    DELETE FROM {t}leases l WHERE id = ANY(p_leases) AND (claimed IS NULL OR settled & 3 = 3) AND NOT EXISTS (SELECT 1 FROM {t}open_claims(l));

    WITH gone AS (DELETE FROM {t}leases WHERE id = ANY(p_released) RETURNING day, labels, claimed, settled, is_guess),
    back AS (
        SELECT day, labels, count(*) FILTER (WHERE settled & 3 = 0) AS requests,
               coalesce(sum(claimed) FILTER (WHERE settled & 1 = 0), 0) AS cost, coalesce(sum(claimed) FILTER (WHERE settled & 2 = 0), 0) AS byok
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
    IF NOT EXISTS (SELECT 1 FROM {t}leases WHERE NOT is_guess AND claimed IS NOT NULL AND deadline <= instant) THEN
        RETURN;
    END IF;
    PERFORM {t}settlement_lock();
    -- Locked in the order in which they expire, as when they are booked on their limits.
    WITH due AS (
        SELECT id FROM {t}leases WHERE NOT is_guess AND claimed IS NOT NULL AND deadline <= instant ORDER BY deadline, id FOR UPDATE),
    guessed AS (
        UPDATE {t}leases l SET is_guess = true, day = coalesce(day, (deadline / 864000000000)::integer) FROM due WHERE l.id = due.id
        RETURNING l.*),
    sums AS (
        SELECT day, labels, min(project) AS project, min(member) AS member, min(workspace) AS workspace, min(key_hash) AS key_hash, min(model) AS model,
               count(*) FILTER (WHERE settled & 3 = 0) AS requests,
               coalesce(sum(claimed) FILTER (WHERE settled & 1 = 0), 0) AS cost, coalesce(sum(claimed) FILTER (WHERE settled & 2 = 0), 0) AS byok
          FROM guessed GROUP BY day, labels)
    INSERT INTO {t}spend AS s (day, labels, project, member, workspace, key_hash, model, requests, cost, cost_with_byok)
    SELECT day, labels, project, member, workspace, key_hash, model, requests, cost, byok FROM sums
    ON CONFLICT (day, labels) DO UPDATE SET requests = s.requests + excluded.requests, cost = s.cost + excluded.cost, cost_with_byok = s.cost_with_byok + excluded.cost_with_byok;
END
$$;

-- Books what has expired on limits that nobody asks about, some at a time.
CREATE FUNCTION {t}expire_unasked(p_now bigint) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    ids bigint[];
    instant bigint := {t}now(p_now);
BEGIN
    SELECT array_agg(limit_id) INTO ids
      FROM (SELECT limits FROM {t}leases WHERE NOT is_booked AND deadline <= instant ORDER BY deadline LIMIT 1000) l, unnest(l.limits) limit_id;
    SELECT array_agg(id) INTO ids FROM (SELECT id FROM {t}limits WHERE id = ANY(ids) ORDER BY name || '' FOR UPDATE) locked;
    PERFORM {t}expire(ids, instant);
END
$$;

-- Forgets what can count no more. Leases that expired a day ago will not be settled any more.
CREATE FUNCTION {t}prune(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    instant bigint := {t}now(p_now);
    ids bigint[];
    l record;
BEGIN
    PERFORM {t}expire_spend(p_now);
    PERFORM {t}settlement_lock();
    DELETE FROM {t}leases WHERE is_booked AND (is_guess OR claimed IS NULL) AND deadline < instant - 864000000000;
    DELETE FROM {t}spend WHERE day < (instant / 864000000000)::integer - 400;
    DELETE FROM {t}state WHERE keep_until <= instant;
    SELECT array_agg(id) INTO ids
      FROM (SELECT id FROM {t}limits
             WHERE leased = 0 AND (total = 0 OR (reach < 34560000000000 AND last_end < instant - 34560000000000)) ORDER BY id FOR UPDATE SKIP LOCKED) locked;
    -- Looked for when they are locked: whoever takes a lease locks its limits before.
    ids := ARRAY(SELECT unnest(ids) EXCEPT SELECT unnest(limits) FROM {t}leases);
    DELETE FROM {t}buckets WHERE limit_id = ANY(ids);
    DELETE FROM {t}limits WHERE id = ANY(ids);
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
