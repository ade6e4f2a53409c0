-- The two tables of keys had a random order and dirtied every page of theirs at every commit. Now the keys of one source stand together,
-- and all are numbers: the first 64 bits of a digest, as a signed integer.

-- Every name an item is known by in its source: guid, address, number, or title and day. Kept for ever, so that nothing comes back as new.
CREATE TABLE item_name (
    source INTEGER NOT NULL,
    key    INTEGER NOT NULL,
    item   INTEGER NOT NULL,
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO item_name (source, key, item)
    SELECT i.source,
           ((instr('0123456789ABCDEF', substr(hex(k.key), 1, 1)) - 1) << 60)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 2, 1)) - 1) << 56)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 3, 1)) - 1) << 52)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 4, 1)) - 1) << 48)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 5, 1)) - 1) << 44)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 6, 1)) - 1) << 40)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 7, 1)) - 1) << 36)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 8, 1)) - 1) << 32)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 9, 1)) - 1) << 28)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 10, 1)) - 1) << 24)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 11, 1)) - 1) << 20)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 12, 1)) - 1) << 16)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 13, 1)) - 1) << 12)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 14, 1)) - 1) << 8)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 15, 1)) - 1) << 4)
         | ((instr('0123456789ABCDEF', substr(hex(k.key), 16, 1)) - 1) << 0),
           k.item
    FROM item_key k JOIN item i ON i.id = k.item ORDER BY 1, 2;
DROP TABLE item_key;
ALTER TABLE item_name RENAME TO item_key;

-- What another source's item must share to belong to a story: its address, or its text. The address of the item that founded a story is
-- not here: the story's name is made of it.
CREATE TABLE story_sign (
    key   INTEGER PRIMARY KEY NOT NULL,
    story INTEGER NOT NULL,
    at    INTEGER NOT NULL                -- when the item that left the key was published
) STRICT;
INSERT OR IGNORE INTO story_sign (key, story, at)
    SELECT ((instr('0123456789ABCDEF', substr(hex(key), 1, 1)) - 1) << 60)
         | ((instr('0123456789ABCDEF', substr(hex(key), 2, 1)) - 1) << 56)
         | ((instr('0123456789ABCDEF', substr(hex(key), 3, 1)) - 1) << 52)
         | ((instr('0123456789ABCDEF', substr(hex(key), 4, 1)) - 1) << 48)
         | ((instr('0123456789ABCDEF', substr(hex(key), 5, 1)) - 1) << 44)
         | ((instr('0123456789ABCDEF', substr(hex(key), 6, 1)) - 1) << 40)
         | ((instr('0123456789ABCDEF', substr(hex(key), 7, 1)) - 1) << 36)
         | ((instr('0123456789ABCDEF', substr(hex(key), 8, 1)) - 1) << 32)
         | ((instr('0123456789ABCDEF', substr(hex(key), 9, 1)) - 1) << 28)
         | ((instr('0123456789ABCDEF', substr(hex(key), 10, 1)) - 1) << 24)
         | ((instr('0123456789ABCDEF', substr(hex(key), 11, 1)) - 1) << 20)
         | ((instr('0123456789ABCDEF', substr(hex(key), 12, 1)) - 1) << 16)
         | ((instr('0123456789ABCDEF', substr(hex(key), 13, 1)) - 1) << 12)
         | ((instr('0123456789ABCDEF', substr(hex(key), 14, 1)) - 1) << 8)
         | ((instr('0123456789ABCDEF', substr(hex(key), 15, 1)) - 1) << 4)
         | ((instr('0123456789ABCDEF', substr(hex(key), 16, 1)) - 1) << 0),
           story, at
    FROM story_key ORDER BY 1;
DROP TABLE story_key;
ALTER TABLE story_sign RENAME TO story_key;
