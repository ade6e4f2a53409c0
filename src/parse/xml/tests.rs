use super::*;

fn pieces(document: &str) -> (Vec<Piece<'_>>, Vec<Repair>) {
    let mut scanner = Scanner::new(document);
    let mut pieces = Vec::new();
    while let Some(piece) = scanner.next_piece() {
        pieces.push(piece);
    }
    (pieces, scanner.repairs.list())
}

fn tag<'a>(name: &'a str, attributes: &'a str, is_empty: bool) -> Piece<'a> {
    Piece::Start(Tag { name, attributes, is_empty })
}

#[test]
fn markup_is_split_and_what_is_odd_is_noted() {
    let cases: Vec<(&str, Vec<Piece<'_>>, &[Repair])> = vec![
        ("<a>x</a>", vec![tag("a", "", false), Piece::Text("x"), Piece::End("a")], &[]),
        ("<a b='>'/>", vec![tag("a", " b='>'", true)], &[]),
        ("<?xml version='1.0'?><!-- <a> --><a />", vec![tag("a", " ", true)], &[]),
        ("<![CDATA[a<b]]>c", vec![Piece::Cdata("a<b"), Piece::Text("c")], &[]),
        ("a < b", vec![Piece::Text("a "), Piece::Text("< b")], &[Repair::StrayLessThan]),
        ("<3</a>", vec![Piece::Text("<3"), Piece::End("a")], &[Repair::StrayLessThan]),
        ("<a <b>", vec![tag("a", " ", false), tag("b", "", false)], &[Repair::UnterminatedTag]),
        ("</a<b>", vec![Piece::End("a"), tag("b", "", false)], &[Repair::UnterminatedTag]),
        ("<a b=c>", vec![tag("a", " b=c", false)], &[Repair::BadAttribute]),
        (
            "<a b=\"c>x</a><d e=\"f\">",
            vec![tag("a", " b=\"c", false), Piece::Text("x"), Piece::End("a"), tag("d", " e=\"f\"", false)],
            &[Repair::BadAttribute],
        ),
        ("<!-- x <a>", vec![Piece::Text(" x "), tag("a", "", false)], &[Repair::UnterminatedSection]),
        ("<!DOCTYPE rss [<!ENTITY a \"b\">]><a>", vec![tag("a", "", false)], &[]),
    ];
    for (document, expected, repairs) in cases {
        assert_eq!(pieces(document), (expected, repairs.to_vec()), "{document}");
    }
}

#[test]
fn a_section_without_an_end_ends_with_its_element() {
    let document = "<![CDATA[một</title><x/><![CDATA[hai]]>";
    let mut scanner = Scanner::new(document);
    scanner.within = Some("title");
    assert_eq!(scanner.next_piece(), Some(Piece::Cdata("một")));
    assert_eq!(scanner.next_piece(), Some(Piece::End("title")));
    assert_eq!(scanner.repairs.list(), [Repair::UnterminatedSection]);
}

#[test]
fn attributes_are_read_with_and_without_quotes() {
    let document = "<a href='x y' rel=\"self\" length = 12 checked type=text/html>";
    let Some(Piece::Start(tag)) = Scanner::new(document).next_piece() else { panic!() };
    let read: Vec<_> = tag.attributes().collect();
    assert_eq!(read, [("href", "x y"), ("rel", "self"), ("length", "12"), ("checked", ""), ("type", "text/html")]);
    assert_eq!(tag.attribute("HREF"), Some("x y"));
}

#[test]
fn declared_entities_are_known_and_bombs_are_not() {
    let mut scanner = Scanner::new(
        "<!DOCTYPE r [<!ENTITY d \"đồng\"><!ENTITY b \"&d;&d;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
    );
    assert_eq!(scanner.next_piece(), None);
    assert_eq!(scanner.entities.decode("&d; &b; &x;", &mut Repairs::default()), "đồng &b; &x;");
}
