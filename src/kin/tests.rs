//! Pairs of items, and what they are to each other.
