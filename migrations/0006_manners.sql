-- What politeness needs to remember of each source.

-- What the last document said of its own pace, besides <ttl>. They hold while the document does.
ALTER TABLE source ADD COLUMN update_every INTEGER;                    -- sy:updatePeriod and sy:updateFrequency, in minutes; NULL where it had none
ALTER TABLE source ADD COLUMN skip_hours   INTEGER NOT NULL DEFAULT 0; -- <skipHours>: bit n is hour n, GMT
ALTER TABLE source ADD COLUMN skip_days    INTEGER NOT NULL DEFAULT 0; -- <skipDays>: bit 0 is Monday, GMT

ALTER TABLE source ADD COLUMN span         INTEGER;                    -- minutes from its oldest item to its newest: who comes later than that misses some

-- A server that answers "not modified" for ever is asked for the whole once in a while, if its feed used to change.
ALTER TABLE source ADD COLUMN whole_at INTEGER;                        -- start of the last poll that asked for the whole or got it
ALTER TABLE source ADD COLUMN changes  INTEGER NOT NULL DEFAULT 0;     -- polls that brought news after the first document

-- A permanent redirect is followed from here once it has proved itself. The admin's file is never rewritten.
ALTER TABLE source ADD COLUMN moved_to    TEXT;                        -- where the last polls in a row were sent for good
ALTER TABLE source ADD COLUMN moved_since INTEGER;                     -- since when
ALTER TABLE source ADD COLUMN moved_times INTEGER NOT NULL DEFAULT 0;  -- how many polls in a row
ALTER TABLE source ADD COLUMN adopted     TEXT;                        -- the address that is asked instead of the configured one; NULL for that

-- Why the document that the validators belong to could not be read; NULL when it was. "Not modified" then says that it still cannot.
ALTER TABLE source ADD COLUMN unread_class TEXT;
ALTER TABLE source ADD COLUMN unread_text  TEXT;

-- When each source published, for its rhythm: minutes since 2020 at GMT as 32-bit numbers, little endian, at most the last 4,000. Apart from the
-- items, so that forgetting those does not forget the rhythm.
CREATE TABLE history (
    source  INTEGER PRIMARY KEY NOT NULL REFERENCES source (id),
    minutes BLOB NOT NULL
) STRICT;
