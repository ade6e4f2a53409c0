//! Which markup may leave the house, and the plain text of markup.
//!
//! [`Html::clean`] is the only way from outside to an [`Html`], so the type is the proof that a string was sanitised.
//! Everything else the daemon keeps is plain text, made by [`text()`] and escaped wherever it is written.

mod clean;
#[cfg(test)]
mod tests;
mod text;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

pub use clean::{Html, is_reasonable};
pub use text::{first_image, line_of_field, teaser_text, text, text_of_field};

/// Markup longer than this is cut before it is looked at: a full article is 5 to 60 KB, and a text node of megabytes is
/// an attack (RUSTSEC-2026-0194 and its relatives are quadratic).
pub const MAX_MARKUP_BYTES: usize = 512 * 1024;

/// Elements whose content is not text a reader sees.
const SKIPPED: [&str; 9] = ["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "textarea"];

fn walk(markup: &str, mut visit: impl FnMut(CallbackEvent<'_>)) {
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        visit(event);
        None
    });
    emitter.naively_switch_states(true);
    let tokens = Tokenizer::new_with_emitter(markup, emitter);
    // Nothing is ever emitted: the visitor did the work. Reading from a string cannot fail.
    tokens.for_each(drop);
}

fn bounded(markup: &str) -> &str {
    markup.get(..markup.floor_char_boundary(MAX_MARKUP_BYTES)).unwrap_or_default()
}
