-- The <ttl> of the last document, in minutes; NULL where it had none. It holds while the document does.
ALTER TABLE source ADD COLUMN ttl INTEGER;
