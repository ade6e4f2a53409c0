-- Digest of the reader's version and of the settings that the last body was read under; NULL before the first. Under others, a body that
-- did not change is asked for and read again.
ALTER TABLE source ADD COLUMN reading BLOB;
