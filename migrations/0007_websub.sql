-- What a source's document says about WebSub, and its one subscription at a hub. A source that never advertised a hub has no row.
CREATE TABLE subscription (
    source            INTEGER PRIMARY KEY NOT NULL REFERENCES source (id),
    advertised_hub    TEXT,               -- the hub that the last document named; NULL where it named none
    advertised_topic  TEXT,               -- the address the hub knows the document by; NULL with the hub
    -- The subscription; all NULL before the first was begun. A new one replaces the old.
    hub               TEXT,               -- where we subscribe, or did
    topic             TEXT,               -- to what
    callback          TEXT,               -- where the hub finds us; the last part of its path is 128 random bits
    secret            TEXT,               -- what deliveries are signed with: 256 random bits, hexadecimal
    state             TEXT,               -- asked, active, renewing, lapsed, ending, ended
    act_at            INTEGER,            -- when the hub is asked next
    lease_until       INTEGER,            -- until when it delivers; NULL before it confirmed, and after the end
    since             INTEGER,            -- since when it has been delivering without a gap; NULL where it does not
    last_push         INTEGER,            -- when its last genuine delivery was taken in
    attempts          INTEGER NOT NULL DEFAULT 0,  -- requests in a row that it did not confirm
    trusted           INTEGER NOT NULL DEFAULT 0,  -- 1 while the source is polled once a day only
    -- When the source would be due if nothing pushed it, and why then: what holds again when trust ends. NULL where it was never due later for it.
    unstretched_at    INTEGER,
    unstretched_cause TEXT
) STRICT;
