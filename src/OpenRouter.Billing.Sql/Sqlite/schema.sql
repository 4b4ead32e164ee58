-- The ledger of OpenRouter.Billing for SQLite 3.24 and later, version 1.
-- Instants are ticks: tenths of a microsecond since the year 1, UTC. Money is in billionths of a US dollar.

CREATE TABLE {t}version (
    version INTEGER NOT NULL
);

-- One row per limit. All that was ever settled is total_high * 10^18 + total; last_end is where the newest second with use ends.
CREATE TABLE {t}limits (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    leased INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    total_high INTEGER NOT NULL DEFAULT 0,
    last_end INTEGER NOT NULL DEFAULT 0,
    buckets INTEGER NOT NULL DEFAULT 0,
    compact_above INTEGER NOT NULL DEFAULT 512,
    reach INTEGER NOT NULL DEFAULT 0
);

-- All that was settled up to an instant, so that the use of a window is one difference, however long it is.
CREATE TABLE {t}buckets (
    limit_id INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    total INTEGER NOT NULL,
    total_high INTEGER NOT NULL,
    PRIMARY KEY (limit_id, end_at)
) WITHOUT ROWID;

-- What open leases hold; booked_at is set when one has expired and counts in full.
CREATE TABLE {t}holds (
    lease BLOB NOT NULL,
    number INTEGER NOT NULL,
    limit_id INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    booked_at INTEGER,
    PRIMARY KEY (lease, number)
) WITHOUT ROWID;
CREATE INDEX {i}holds_due ON {t}holds (deadline) WHERE booked_at IS NULL;

-- Whose spending a lease is, until both of its costs are known.
CREATE TABLE {t}leases (
    id BLOB PRIMARY KEY,
    deadline INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    labels BLOB NOT NULL,
    project TEXT,
    member TEXT,
    workspace TEXT,
    key_hash TEXT,
    model TEXT,
    has_cost INTEGER NOT NULL DEFAULT 0,
    has_byok INTEGER NOT NULL DEFAULT 0,
    is_guess INTEGER NOT NULL DEFAULT 0,
    day INTEGER
) WITHOUT ROWID;
CREATE INDEX {i}leases_due ON {t}leases (deadline) WHERE is_guess = 0;

-- Sums of spending; days are counted since the year 1, labels is a digest of the five names.
CREATE TABLE {t}spend (
    day INTEGER NOT NULL,
    labels BLOB NOT NULL,
    project TEXT,
    member TEXT,
    workspace TEXT,
    key_hash TEXT,
    model TEXT,
    requests INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    cost_with_byok INTEGER NOT NULL,
    PRIMARY KEY (day, labels)
) WITHOUT ROWID;

CREATE TABLE {t}state (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    keep_until INTEGER NOT NULL
);
-- Versions never come twice, so that a value that was forgotten meanwhile is not taken for its successor.
CREATE TABLE {t}state_version (
    last INTEGER NOT NULL
);
INSERT INTO {t}state_version (last) VALUES (0);

INSERT INTO {t}version (version) VALUES (1);
