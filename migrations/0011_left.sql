-- Where a story stood in a topic that it left, should rules bring it back: its readers know it there. Empty of topics that are gone.
CREATE TABLE story_left (
    story INTEGER NOT NULL,
    topic TEXT NOT NULL,
    at    INTEGER NOT NULL,               -- what story_topic.at was
    PRIMARY KEY (story, topic)
) STRICT, WITHOUT ROWID;
