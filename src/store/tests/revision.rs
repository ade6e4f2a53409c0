//! What an entry of a feed may show, and how often it changed.

use super::*;

#[test]
fn every_change_that_an_entry_may_show_is_another_revision() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Xã Đồng Xanh khánh thành cầu", "Cây cầu dài 30 mét."), now());
    let other = incoming("b", "https://b.vn/1", "Giá lúa ở huyện Hà Mậu tăng", "Mỗi tạ thêm 20 nghìn đồng.");
    room.take("b", other, now());
    let revision = || {
        room.store
            .read(|db| Ok(db.query_row("SELECT revision FROM story WHERE id = 1", [], |row| row.get::<_, i64>(0))?))
    };
    for sql in [
        "UPDATE story SET updated = updated + 1 WHERE id = 1",
        "UPDATE story SET uid = 'aaaaaaaaaaaaaaaaaa01' WHERE id = 1",
        "UPDATE item SET title = 'Khánh thành cầu' WHERE id = 1",
        "INSERT INTO item_topic VALUES (1, 'bac', 10, 10, '[]')",
        "UPDATE item_topic SET score = 11 WHERE item = 1",
        "DELETE FROM item_topic WHERE item = 1",
        "INSERT INTO item_text (item, body, html) VALUES (1, '', '<p>Cầu</p>')",
        "UPDATE item_text SET html = '<p>Cây cầu</p>' WHERE item = 1",
        "DELETE FROM item_text WHERE item = 1",
        // Of another story, and back; into this one, and out of all.
        "UPDATE item SET story = 1 WHERE id = 2",
        "UPDATE story SET lead = 2 WHERE id = 1",
        "UPDATE item SET story = 2 WHERE id = 2",
        "INSERT INTO item (id, source, story, content, title, summary, categories, seen, at)
             SELECT 9, source, 1, zeroblob(32), 'Cầu mới', '', '[]', seen, at FROM item WHERE id = 1",
        "DELETE FROM item WHERE id = 9",
    ] {
        let before = revision().unwrap();
        assert_eq!(room.write(move |tx| Ok(tx.execute(sql, [])?)).unwrap(), 1, "{sql}");
        assert!(revision().unwrap() > before, "{sql}");
    }
    let before = revision().unwrap();
    room.write(|tx| Ok(tx.execute("UPDATE item SET title = 'Lúa' WHERE story = 2", [])?)).unwrap();
    assert_eq!(revision().unwrap(), before, "what happens to another story is none of its changes");
}
