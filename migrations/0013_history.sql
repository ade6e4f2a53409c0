-- What readers can ask for besides a topic's newest stories: what some sources say of it, its past, what was taken back.

-- Where an item stands in time in the lists of its source: as a story does, by its own date and arrival.
ALTER TABLE item ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE item SET at = max(min(coalesce(published, seen), seen), coalesce((SELECT s.at FROM story s WHERE s.id = item.story), 0));
CREATE INDEX item_by_source ON item (source, at, story);

-- The items of the stories of a topic, by source: one cursor a source finds the newest of any group of sources.
CREATE TABLE topic_item (
    topic  TEXT NOT NULL,
    source INTEGER NOT NULL,
    at     INTEGER NOT NULL,                  -- the later of item.at and story_topic.at
    item   INTEGER NOT NULL,
    PRIMARY KEY (topic, source, at, item)
) STRICT, WITHOUT ROWID;
INSERT INTO topic_item (topic, source, at, item)
    SELECT t.topic, i.source, max(i.at, t.at), i.id FROM story_topic t JOIN item i ON i.story = t.story ORDER BY 1, 2, 3, 4;

-- When an editor took the story back; it stays stored, so that it is never taken for new, and is shown nowhere.
ALTER TABLE story ADD COLUMN withdrawn INTEGER;

-- The stories that were taken back, in each list where readers saw them ('all' is the list of everything).
CREATE TABLE tombstone (
    topic TEXT NOT NULL,
    at    INTEGER NOT NULL,                   -- when it was taken back
    uid   TEXT NOT NULL,                      -- the story's public name
    PRIMARY KEY (topic, at, uid)
) STRICT, WITHOUT ROWID;

-- Months that are over, as they were first given out: from then on they never change. A month has the part '0', which is its last, and before that
-- as many full ones as it needs.
CREATE TABLE archived (
    topic    TEXT NOT NULL,                   -- or 'all'
    month    TEXT NOT NULL,                   -- 2026-11, as people in Việt Nam count
    part     INTEGER NOT NULL,
    ends     INTEGER NOT NULL,                -- when the month ended
    modified INTEGER NOT NULL,                -- the last change of a story in it, until then
    body     BLOB NOT NULL,                   -- the document, compressed by zstd
    PRIMARY KEY (topic, month, part)
) STRICT;

-- Stories that came into a list where a month stands that was given out already: a new source's old items, what a new rule finds. Who walks
-- through the past meets them in the first month that was open.
CREATE TABLE filed_late (
    topic TEXT NOT NULL,                      -- or 'all'
    filed INTEGER NOT NULL,                   -- where they stand in the past instead
    story INTEGER NOT NULL,
    PRIMARY KEY (topic, filed, story)
) STRICT, WITHOUT ROWID;

-- The public names of stories that were forgotten for their age: they never come back.
CREATE TABLE forgotten (
    uid TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

-- Every topic that was ever published, so that what is no more can be told from what never was.
CREATE TABLE topic_once (
    topic TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO topic_once SELECT DISTINCT topic FROM story_topic;
