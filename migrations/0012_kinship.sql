-- One story, many papers: items are compared by what they say, no longer by equal texts alone.

-- What item.because says is JSON from here on: {kind, similarity, shared, checked}. Before, a word named what was shared.
UPDATE item SET because = '{"kind":"' || CASE because WHEN 'link' THEN 'link' ELSE 'text' END || '","similarity":1.0,"shared":[],"checked":[]}'
    WHERE because IS NOT NULL;
ALTER TABLE item ADD COLUMN joined_to INTEGER;                   -- the item that it was found to be like; NULL where none was needed
ALTER TABLE item ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;  -- 1 where an admin put it into its story, or left it there: no edit moves it again
ALTER TABLE item ADD COLUMN reprint INTEGER NOT NULL DEFAULT 0;  -- 1 where it names another paper as its source

-- Whether a story has such items is asked of every story near a newcomer, and hardly any has.
CREATE INDEX item_by_hand ON item (story) WHERE by_hand;

-- What stands for an item where others like it are looked for: 40 numbers of 16 bits. Only of the last days.
CREATE TABLE sketch (
    item   INTEGER PRIMARY KEY NOT NULL,
    at     INTEGER NOT NULL,              -- when the item was published, or first seen
    sketch BLOB NOT NULL
) STRICT;

-- Stories of the same event in other words, each pair both ways.
CREATE TABLE story_related (
    story INTEGER NOT NULL,
    other INTEGER NOT NULL,
    PRIMARY KEY (story, other)
) STRICT, WITHOUT ROWID;

-- The names of stories that became part of another: who knows one by it finds the other.
CREATE TABLE story_alias (
    uid   TEXT PRIMARY KEY NOT NULL,
    story INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
