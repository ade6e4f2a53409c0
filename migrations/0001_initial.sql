-- What the daemon remembers. Pages, feeds and the search automaton are not here: they are made from this at every start.

-- Facts about the database itself.
--   tag      the prefix of every public id, "tag:<authority>,<date>:", fixed when the database was made
--   rules    the fingerprint of the topic rules that every stored decision was made with
CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every source that was ever polled. What it is comes from the configuration at each load; what happened to it is kept here. A source that
-- left the configuration keeps its row, because its items stay.
CREATE TABLE source (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    slug          TEXT NOT NULL UNIQUE,   -- the id in the configuration
    name          TEXT NOT NULL,
    feed          TEXT NOT NULL,          -- its address when it was last configured
    site          TEXT NOT NULL,
    province      TEXT,                   -- slug of the province; NULL for a central body
    organ         TEXT NOT NULL,
    level         TEXT NOT NULL,
    due_at        INTEGER,                -- the next poll; NULL before the first was planned
    due_cause     TEXT,                   -- why then: first, cadence, max-age, ttl, retry-after, backoff
    not_before    INTEGER,                -- the server's Retry-After: not even by hand before this
    polled_at     INTEGER,                -- start of the last poll
    ok_at         INTEGER,                -- start of the last poll that was answered with a feed or "not modified"
    new_at        INTEGER,                -- start of the last poll that brought something new
    newest_at     INTEGER,                -- publication time of the newest item
    failures      INTEGER NOT NULL DEFAULT 0,  -- failed polls in a row
    failure_class TEXT,                   -- class of the last failure, NULL when the last poll was good
    failure_text  TEXT,                   -- what happened, for people
    repairs       TEXT,                   -- what the last document needed repairing of, comma-separated; NULL when it was sound
    harvested     INTEGER NOT NULL DEFAULT 0,  -- 1 once a first document was taken in: from then on, new items are news
    -- What vouches for what we have; written in the same transaction as the items. Bytes as the server sent them.
    validated_url TEXT,                   -- the address the validators belong to (after redirects)
    etag          BLOB,
    last_modified BLOB,
    body_digest   BLOB                    -- digest of the last body, so that an unchanged one is not read again
) STRICT;

-- One event or text, carried by one or more items.
CREATE TABLE story (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    uid     TEXT NOT NULL UNIQUE,         -- its public name for ever, 20 hexadecimal digits
    at      INTEGER NOT NULL,             -- its place in time, set once
    updated INTEGER NOT NULL,             -- the last significant change of what stands for it
    lead    INTEGER NOT NULL              -- the item that stands for it
) STRICT;
CREATE INDEX story_by_time ON story (at);

-- One source's version of a story.
CREATE TABLE item (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    source     INTEGER NOT NULL REFERENCES source (id),
    story      INTEGER NOT NULL REFERENCES story (id),
    content    BLOB NOT NULL,             -- digest of what the source said last
    title      TEXT NOT NULL,
    link       TEXT,
    summary    TEXT NOT NULL,             -- plain text, may be ''
    author     TEXT,
    categories TEXT NOT NULL,             -- the source's own, a JSON array
    image      TEXT,
    published  INTEGER,                   -- as the source said when we first saw it; NULL when it said nothing believable
    seen       INTEGER NOT NULL,          -- when we first saw it
    revised    INTEGER,                   -- when the source last changed it significantly
    because    TEXT                       -- what it shared with the story it joined; NULL for the one that founded it
) STRICT;
CREATE INDEX item_by_story ON item (story);

-- The long texts, apart so that lists of items stay small to read.
CREATE TABLE item_text (
    item INTEGER PRIMARY KEY NOT NULL REFERENCES item (id),
    body TEXT NOT NULL,                   -- plain text for matching, may be ''
    html TEXT                             -- sanitised markup, where the source lets us publish it
) STRICT;

-- Every name an item is known by in its source: guid, address, or title and day. Kept for ever, so that nothing comes back as new.
CREATE TABLE item_key (
    key  BLOB PRIMARY KEY NOT NULL,
    item INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What another source's item must share to belong to a story: its address, or its text.
CREATE TABLE story_key (
    key   BLOB PRIMARY KEY NOT NULL,
    story INTEGER NOT NULL,
    at    INTEGER NOT NULL                -- when the item that left the key was published
) STRICT, WITHOUT ROWID;

-- The topics an item belongs to, and why.
CREATE TABLE item_topic (
    item      INTEGER NOT NULL,
    topic     TEXT NOT NULL,
    score     REAL NOT NULL,
    threshold REAL NOT NULL,
    reasons   TEXT NOT NULL,              -- a JSON array of {rule, text, field, weight}
    PRIMARY KEY (item, topic)
) STRICT, WITHOUT ROWID;

-- The stories of a topic in order of time: a story belongs where one of its items does.
CREATE TABLE story_topic (
    topic TEXT NOT NULL,
    at    INTEGER NOT NULL,
    story INTEGER NOT NULL,
    PRIMARY KEY (topic, at, story)
) STRICT, WITHOUT ROWID;

-- When each published document last changed: Last-Modified cannot be derived from what is in it.
CREATE TABLE page (
    path     TEXT PRIMARY KEY NOT NULL,
    etag     TEXT NOT NULL,
    modified INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
