use super::{
    portrait::Portrait,
    rarity::Rarity,
    sketch::Sketch,
    verdict::{Relation, judge},
};
use crate::model::Item;
use std::collections::{BTreeMap, HashMap};
#[test]
#[ignore]
fn dump() {
    let dir = std::env::var("ST").unwrap();
    let mut all: HashMap<String, (Portrait, Option<Sketch>, Option<chrono::NaiveDateTime>, String)> = HashMap::new();
    let mut rarity = Rarity::default();
    for l in std::fs::read_to_string(format!("{dir}/items.jsonl")).unwrap().lines() {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        let s = |k: &str| v[k].as_str().unwrap_or("").to_owned();
        let item = Item { title: s("title"), summary: s("summary"), body: s("body"), ..Item::default() };
        let p = Portrait::of_item(&item);
        let sk = Sketch::of(&p, &rarity);
        rarity.learn(&p.pairs);
        let at = chrono::NaiveDateTime::parse_from_str(&s("published"), "%Y-%m-%dT%H:%M:%S").ok();
        all.insert(s("id"), (p, sk, at, s("title")));
    }
    let mut table: BTreeMap<String, [usize; 6]> = BTreeMap::new();
    for l in std::fs::read_to_string(format!("{dir}/pairs.tsv")).unwrap().lines().skip(1) {
        let c: Vec<&str> = l.split('\t').collect();

        let (a, b) = (&all[c[0]], &all[c[1]]);
        let d = a.2.zip(b.2).map(|(x, y)| (x - y).abs());
        let v = judge(&a.0, &b.0, d, &rarity);
        let meets = a.1.zip(b.1).is_some_and(|(x, y)| x.bands().zip(y.bands()).any(|(p, q)| p == q));
        let agree = a.1.zip(b.1).map_or(0, |(x, y)| x.0.iter().zip(&y.0).filter(|(p, q)| p == q).count());
        {
            let l = super::compare::Likeness::of(&a.0, &b.0, &rarity);
            let h = d.map_or(12.0, |d| d.as_seconds_f32() / 3600.0);
            println!(
                "FT{}\t{}\t{}\t{}\t{}\t{:.3}\t{:.3}\t{:.3}\t{:.3}\t{:.3}\t{:.3}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.2}\t{:.3}\t{:.3}\t{:.3}\t{:.3}\t{}",
                c[4],
                c[2],
                c[3],
                c[0],
                c[1],
                l.contained,
                l.resemblance,
                l.copied_short,
                l.headline_words,
                l.headline_words_both,
                (1.0 + h).ln(),
                l.heads_apart.contains(&crate::model::Aspect::Places) as u8,
                l.heads_apart.contains(&crate::model::Aspect::Persons) as u8,
                l.swaps_names as u8,
                l.numbers_apart as u8,
                (l.is_series || l.differ_in(crate::model::Aspect::Dates) || h > 168.0) as u8,
                (a.3 == b.3) as u8,
                l.shared,
                l.copied,
                l.copied_both,
                l.headline,
                l.openings,
                l.heads_apart.contains(&crate::model::Aspect::Dates) as u8
            );
        }
        println!("PT {:.2} {} {} {} {}", v.points, c[2], c[4], c[0], c[1]);
        let t = table.entry(format!("{} {}", c[4], c[2])).or_default();
        t[0] += 1;
        if meets {
            t[1] += 1;
        }
        if meets && agree >= 4 {
            t[2] += 1;
        }
        match v.relation {
            Relation::Same(_) => t[3] += 1,
            Relation::Related => t[4] += 1,
            Relation::Apart => t[5] += 1,
        }
        if c[2] == "same" && (!meets || agree < 4) {
            println!(
                "no candidate {} {} {} agree {agree} contained {:.2} {:?}",
                c[0], c[1], c[4], v.similarity, v.relation
            );
        }
        if (c[2] == "same") != matches!(v.relation, Relation::Same(_)) && c[2] != "event"
            || c[2] == "event" && matches!(v.relation, Relation::Same(_))
        {
            println!("wrong {} {} {} {} {:?} {:.2} | {} | {}", c[0], c[1], c[2], c[4], v.relation, v.points, a.3, b.3);
        }
    }
    for (k, t) in table {
        println!("{k:20} n {} meets {} found {} same {} related {} apart {}", t[0], t[1], t[2], t[3], t[4], t[5]);
    }
}
