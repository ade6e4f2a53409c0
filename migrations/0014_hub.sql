-- Our own WebSub hub: who has subscribed to our feeds there, and has said that it meant it. What still waits for that is not stored.
CREATE TABLE subscriber (
    id          INTEGER PRIMARY KEY NOT NULL,
    topic       TEXT NOT NULL,               -- the feed's address, as its self link said it
    callback    TEXT NOT NULL,               -- where the feed is delivered; as good as a secret
    secret      TEXT,                        -- what deliveries are signed with; NULL where they are not
    lease_until INTEGER NOT NULL,            -- until when it is delivered
    has         TEXT NOT NULL,               -- the ETag of the document it has: delivered last, or current when it was verified first
    attempts    INTEGER NOT NULL,            -- deliveries in a row that it did not take; 0 while it is well
    next_at     INTEGER NOT NULL,            -- no delivery before this
    UNIQUE (topic, callback)
) STRICT;

-- What a hub of somebody else was told of last, where one is configured: it is told again what is another document now.
CREATE TABLE announced (
    hub   TEXT NOT NULL,                     -- the hub's address
    topic TEXT NOT NULL,                     -- the feed's address
    etag  TEXT NOT NULL,                     -- the ETag of the document that the hub was told of, or that was there before it was first told of any
    PRIMARY KEY (hub, topic)
) STRICT, WITHOUT ROWID;
