//! What each field of an entry or a feed does to its draft.

use super::super::draft;
use super::super::vocabulary::{Name, Ns};
use super::super::xml::Tag;
use super::super::{Enclosure, Person};
use super::capture::Kind;
use super::{Frame, Reader, Role};
use crate::link;

impl<'a> Reader<'a, '_> {
    /// Reads a field of the open entry, or of the feed.
    pub fn take(&mut self, tag: Tag<'a>, name: Name, rank: u8, ns: Ns) {
        match name {
            Name::Title => {
                let captured = self.capture(&tag, Kind::Line);
                if !captured.text.trim().is_empty() && !captured.is_cut {
                    self.draft().title.offer(rank, captured.text);
                }
            }
            Name::Id => {
                let captured = self.capture(&tag, Kind::Line);
                if !captured.text.trim().is_empty() && !captured.is_cut {
                    self.draft().id.offer(rank, captured.text);
                }
            }
            Name::Summary | Name::Content => {
                let captured = self.capture(&tag, Kind::Markup);
                let draft = self.draft();
                let best = if name == Name::Summary { &mut draft.summary } else { &mut draft.content };
                if !captured.text.trim().is_empty() {
                    best.offer(rank, captured.text);
                }
            }
            Name::Published | Name::Updated => {
                let captured = self.capture(&tag, Kind::Line);
                if !captured.text.trim().is_empty() && !captured.is_cut {
                    let draft = self.draft();
                    let dates = if name == Name::Published { &mut draft.published } else { &mut draft.updated };
                    if dates.len() < 8 {
                        dates.push((rank, captured.text));
                    }
                }
            }
            Name::Link => self.link(tag),
            Name::Person => self.push_or_finish(tag, Role::Person(rank, Person::default(), String::new())),
            Name::Image => self.image(tag, rank),
            Name::Category => self.category(tag, ns, rank),
            Name::Enclosure | Name::MediaContent => self.enclosure(tag, name),
            Name::Thumbnail => {
                if let Some(url) = self.attribute(&tag, "url").and_then(|u| self.url(None, &u)) {
                    self.draft().thumbnail.get_or_insert(url);
                }
                self.push(tag, Role::Foreign);
            }
            Name::Group => self.push(tag, Role::Group),
            Name::Comments | Name::Icon => {
                let captured = self.capture(&tag, Kind::Line);
                if let Some(url) = self.url(None, &captured.text).filter(|_| !captured.is_cut) {
                    let draft = self.draft();
                    let place = if name == Name::Icon { &mut draft.icon } else { &mut draft.comments };
                    place.get_or_insert(url);
                }
            }
            Name::Language | Name::Rights | Name::Generator | Name::Ttl => {
                let captured = self.capture(&tag, Kind::Line);
                let Some(words) = draft::words(&captured.text).filter(|_| !captured.is_cut) else { return };
                let draft = self.draft();
                match name {
                    Name::Language => draft.language = Some(words),
                    Name::Rights => draft.rights = Some(words),
                    Name::Generator => draft.generator = Some(words),
                    _ => draft.ttl = words.parse().ok(),
                }
            }
            Name::UpdatePeriod | Name::UpdateFrequency => {
                let captured = self.capture(&tag, Kind::Line);
                let pace = &mut self.draft().pace;
                if name == Name::UpdatePeriod { pace.period(&captured.text) } else { pace.frequency(&captured.text) }
            }
            Name::Skips => self.push(tag, Role::Skips),
            // Outside what skips they mean nothing.
            Name::SkippedHour | Name::SkippedDay => self.push(tag, Role::Foreign),
            // Outside a person they mean nothing; "url" of an unknown element least of all.
            Name::Called | Name::Mail | Name::HomePage | Name::Aside => self.push(tag, Role::Foreign),
            Name::Rss | Name::Feed | Name::Rdf | Name::Channel | Name::Item => self.push(tag, Role::Foreign),
        }
    }

    fn link(&mut self, tag: Tag<'a>) {
        let tag_base = self.base_of(&tag);
        let href = self.attribute(&tag, "href").or_else(|| self.attribute(&tag, "rdf:resource"));
        let rel = self.attribute(&tag, "rel").map(|r| r.trim().to_ascii_lowercase());
        let media_type = self.attribute(&tag, "type").and_then(|t| draft::words(&t));
        let length = tag.attribute("length").and_then(|l| l.trim().parse().ok());
        let captured = self.capture(&tag, Kind::Line);
        let is_rss = href.is_none() && rel.is_none();
        let written = href.unwrap_or(captured.text);
        // Some name the relation by its whole address.
        let rel = rel.as_deref().and_then(|r| r.rsplit('/').next()).unwrap_or(draft::UNSAID).to_owned();
        let Some(url) = self.url(tag_base.as_ref(), &written).filter(|_| !captured.is_cut) else {
            if self.base().is_none() && matches!(rel.as_str(), "alternate" | draft::UNSAID) {
                let relative = link::relative(&written);
                let draft = self.draft();
                draft.relative_link = draft.relative_link.take().or(relative);
            }
            return;
        };
        if is_rss {
            return self.draft().add_link(None, url);
        }
        let draft = self.draft();
        match rel.as_str() {
            "enclosure" => draft.add_enclosure(Enclosure { url, media_type, length }),
            "hub" => draft.hubs.push(url),
            "replies" => {
                draft.comments.get_or_insert(url);
            }
            _ => draft.add_link(Some(rel), url),
        }
    }

    fn image(&mut self, tag: Tag<'a>, rank: u8) {
        let written = self.attribute(&tag, "href").or_else(|| self.attribute(&tag, "url"));
        let written = written.or_else(|| self.attribute(&tag, "rdf:resource")).unwrap_or_default().into_owned();
        self.push_or_finish(tag, Role::Image(rank, written));
    }

    fn category(&mut self, tag: Tag<'a>, ns: Ns, rank: u8) {
        let label = self.attribute(&tag, "label").filter(|_| ns == Ns::Core);
        let term = self.attribute(&tag, "term").or_else(|| self.attribute(&tag, "text"));
        let captured = self.capture(&tag, Kind::Line);
        let written = label.or(term).unwrap_or(captured.text);
        if rank == 1 && written.contains(',') {
            written.split(',').for_each(|t| self.draft().add_tag(t));
        } else {
            self.draft().add_tag(&written);
        }
    }

    fn enclosure(&mut self, tag: Tag<'a>, name: Name) {
        let url = self.attribute(&tag, "url").or_else(|| self.attribute(&tag, "href"));
        let media_type = self.attribute(&tag, "type").or_else(|| self.attribute(&tag, "medium"));
        let media_type = media_type.and_then(|t| draft::words(&t));
        let length = self.attribute(&tag, "length").or_else(|| self.attribute(&tag, "filesize"));
        let length = length.and_then(|l| l.trim().parse().ok());
        if let Some(url) = url.and_then(|u| self.url(None, &u)) {
            self.draft().add_enclosure(Enclosure { url, media_type, length });
        }
        // Media RSS hangs titles, texts and thumbnails into its contents.
        self.push(tag, if name == Name::MediaContent { Role::Group } else { Role::Foreign });
    }

    pub fn skip(&mut self, tag: Tag<'a>, name: Name) {
        let captured = self.capture(&tag, Kind::Line);
        let pace = &mut self.draft().pace;
        if name == Name::SkippedHour { pace.skip_hour(&captured.text) } else { pace.skip_day(&captured.text) }
    }

    pub fn part_of_person(&mut self, tag: Tag<'a>, name: Name) {
        let captured = self.capture(&tag, Kind::Line);
        let value = draft::one_line(&captured.text);
        if let Some(Frame { role: Role::Person(_, person, _), .. }) = self.stack.last_mut() {
            match name {
                Name::Called => person.name = value,
                Name::Mail => person.email = value,
                _ => person.uri = value,
            }
        }
    }
}
