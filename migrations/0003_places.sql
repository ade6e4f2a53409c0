-- A story that enters a topic late has a place of its own there: story_topic.at is story.at, or where it was when it entered the topic
-- through a later item or a revision. So it is found by its number.
CREATE UNIQUE INDEX story_topic_by_story ON story_topic (story, topic);
