//! The documents of a site over a real database.
