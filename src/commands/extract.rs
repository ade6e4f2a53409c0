//! `dongtin extract`: the main text of an article page.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use url::Url;

use super::{find, line, read_file, time_json};
use crate::cli::{Exit, Extract, Format};
use crate::parse::Context;
use crate::parse::article::{self, Article, NoArticle};

pub fn run(args: &Extract) -> Result<Exit> {
    if let (Some(list), Some(root)) = (&args.batch, &args.root) {
        return batch(list, root);
    }
    let found = find(args.input.as_deref().unwrap_or("-"), &args.config)?;
    let base = found.base("--url", args.url.as_deref())?;
    let read = article::read(&found.bytes, &found.context(base.as_ref()), &[]);
    let exit = if read.is_ok() { Exit::Ok } else { Exit::NotAFeed };
    match (args.format, &read) {
        (Format::Text, Ok(article)) => {
            line(article.metadata.title.as_deref().unwrap_or("-"))?;
            line(format_args!("\n{}", article.text))?;
        }
        (Format::Text, Err(none)) => line(format_args!("✗ {none}"))?,
        _ => line(article_json(&read))?,
    }
    Ok(exit)
}

fn batch(list: &Path, root: &Path) -> Result<Exit> {
    let list = String::from_utf8(read_file(list)?).context("the list is not UTF-8")?;
    for row in list.lines().filter(|l| !l.trim().is_empty()) {
        let mut columns = row.split('\t');
        let (id, path) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        let url = columns.next().and_then(|u| Url::parse(u).ok());
        let context = Context { base: url.as_ref(), content_type: None, dates: None };
        let read = read_file(&root.join(path)).map(|page| article::read(&page, &context, &[]));
        let mut object = match read {
            Ok(read) => article_json(&read),
            Err(error) => failure("io", &format!("{error:#}")),
        };
        if let Some(object) = object.as_object_mut() {
            object.insert("id".to_owned(), json!(id));
        }
        line(object)?;
    }
    Ok(Exit::Ok)
}

fn article_json(read: &Result<Article, NoArticle>) -> Value {
    match read {
        Err(none) => failure("no-article", &none.to_string()),
        Ok(article @ Article { metadata: about, .. }) => json!({
            "schema": "extract/1", "ok": true, "error": null, "title": about.title, "byline": about.byline,
            "published": time_json(about.published), "language": about.language, "site_name": about.site_name,
            "image": about.image.as_ref().map(Url::as_str), "excerpt": about.excerpt, "html": article.html.as_str(),
            "text": article.text, "words": article.words(), "canonical": about.canonical.as_ref().map(Url::as_str),
        }),
    }
}

fn failure(code: &str, message: &str) -> Value {
    json!({
        "schema": "extract/1", "ok": false, "error": { "code": code, "message": message }, "title": null, "byline": null, "published": null,
        "language": null, "site_name": null, "image": null, "excerpt": null, "html": null, "text": null, "words": null, "canonical": null,
    })
}
