-- Files that sources attach to their items. Only where they are is kept, never what is in them.

-- JSON, a list of {"url", "type", "length"} in the source's order, at most eight; null where there is none. Type (a media type) and length (bytes) are
-- as the source declares them, null where it does not.
ALTER TABLE item ADD COLUMN enclosures TEXT;
