-- Two items of one source on one page are told apart by their guids, so an item remembers that it has one.

-- 1 where the source names the item by a guid that is not its link.
ALTER TABLE item ADD COLUMN has_guid INTEGER NOT NULL DEFAULT 0;

-- Beside its link, an item has a second key only by its guid.
UPDATE item SET has_guid = 1 WHERE id IN (SELECT item FROM item_key GROUP BY item HAVING count(*) > 1);
