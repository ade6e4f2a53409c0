//! What labelled items teach: how good rules are, phrases that would help, and a small linear model.
//!
//! Pure: it is given items, labels and what the rules said, and gives figures, phrases and weights. `docs/labels.md` has the
//! method and its sources.

mod ask;
mod fit;
mod gram;
mod labels;
mod learned;
mod linear;
mod measure;
mod suggest;
mod train;
mod weights;

pub use ask::order;
pub use labels::{Document, Label, Labelled, Labels};
pub use learned::{ADDS, Article, Learned, VETOES};
pub use linear::Linear;
pub use measure::{Tally, mcnemar};
pub use suggest::{Candidate, Sided, candidates};
pub use train::{Example, FOLDS, Trial, cross_validate, train};
pub use weights::Mistake;
