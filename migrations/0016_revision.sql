-- What an entry of a feed is made of, counted: whoever keeps a written entry knows by it whether the story is still the same.

-- How often anything changed that the story's entry may show: itself, its items, their articles and topics. Counted by the triggers below, so that
-- nobody who writes can forget it.
ALTER TABLE story ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER story_changes AFTER UPDATE OF uid, updated, lead ON story BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER item_comes AFTER INSERT ON item BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = NEW.story;
END;
CREATE TRIGGER item_changes AFTER UPDATE ON item BEGIN
    UPDATE story SET revision = revision + 1 WHERE id IN (OLD.story, NEW.story);
END;
CREATE TRIGGER item_goes AFTER DELETE ON item BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = OLD.story;
END;

CREATE TRIGGER item_topic_comes AFTER INSERT ON item_topic BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = (SELECT story FROM item WHERE id = NEW.item);
END;
CREATE TRIGGER item_topic_changes AFTER UPDATE ON item_topic BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = (SELECT story FROM item WHERE id = NEW.item);
END;
CREATE TRIGGER item_topic_goes AFTER DELETE ON item_topic BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = (SELECT story FROM item WHERE id = OLD.item);
END;

CREATE TRIGGER item_text_comes AFTER INSERT ON item_text BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = (SELECT story FROM item WHERE id = NEW.item);
END;
CREATE TRIGGER item_text_changes AFTER UPDATE ON item_text BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = (SELECT story FROM item WHERE id = NEW.item);
END;
CREATE TRIGGER item_text_goes AFTER DELETE ON item_text BEGIN
    UPDATE story SET revision = revision + 1 WHERE id = (SELECT story FROM item WHERE id = OLD.item);
END;
