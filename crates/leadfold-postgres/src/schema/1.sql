CREATE TABLE leadfold (
    version integer NOT NULL,
    -- Counted up when what is derived has been derived anew.
    rebuilds bigint NOT NULL
);
INSERT INTO leadfold VALUES (1, 0);
CREATE TABLE event (
    position bigint PRIMARY KEY,
    lead bigint,
    sequence bigint NOT NULL,
    previous bigint NOT NULL,
    recorded_at bigint NOT NULL,
    id uuid NOT NULL UNIQUE,
    body text NOT NULL,
    crc bigint NOT NULL
);
CREATE TABLE lead (
    lead bigint PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    key text NOT NULL
);
CREATE INDEX lead_key ON lead USING hash (key);
CREATE TABLE stream (
    lead bigint PRIMARY KEY,
    events bigint NOT NULL,
    last bigint NOT NULL
);
-- Bytes in UTF-8, not text: a string may hold the character 0. A hash, for strings of any length.
CREATE TABLE string (
    code bigint PRIMARY KEY,
    text bytea NOT NULL,
    EXCLUDE USING hash (text WITH =)
);
CREATE TABLE fact_page (
    first bigint PRIMARY KEY,
    last bigint NOT NULL,
    count bigint NOT NULL,
    crc bigint NOT NULL,
    facts bytea NOT NULL
);
-- Replays read whole pages: not compressed, they are read as they lie.
ALTER TABLE fact_page ALTER COLUMN facts SET STORAGE EXTERNAL;
CREATE TABLE link (
    lead bigint NOT NULL,
    other bigint NOT NULL,
    PRIMARY KEY (lead, other)
);
CREATE TABLE early_correction (
    target uuid NOT NULL,
    position bigint NOT NULL,
    lead bigint,
    PRIMARY KEY (target, position)
);
