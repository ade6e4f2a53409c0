-- What is over stays as it was given out, and does not say what its publisher no longer agrees to.

-- The address of the site that the document names; where the site has another now, the document is made again, of the same stories. '' of those
-- from before. An empty body is a document that has to be made again, of a month that was given out all the same.
ALTER TABLE archived ADD COLUMN base TEXT NOT NULL DEFAULT '';
-- A JSON array of the names of the sources whose whole articles are in the document: it is made again where one of them does not agree any more.
ALTER TABLE archived ADD COLUMN articles_of TEXT NOT NULL DEFAULT '[]';

-- 1 where a month with the story in it had been given out when it left the topic: should it come back, whoever walks through the past has it.
ALTER TABLE story_left ADD COLUMN given INTEGER NOT NULL DEFAULT 0;
