-- What items say, for searching: one row an item, under its number, written with it. Only which words an item has is kept, neither where
-- nor the text: phrases are looked for in what the words find. How words are spelt here is in src/store/search.rs.
CREATE VIRTUAL TABLE search USING fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '^'");
