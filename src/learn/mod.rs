//! What labelled items teach: how good rules are, phrases that would help, and a small linear model.
