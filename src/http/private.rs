//! The private listener: `/healthz`, `/readyz`, `/metrics`. Small, constant, and never kept by anybody.

use std::sync::Arc;

use bytes::Bytes;

use super::answer::{self, Answer, Frame, TEXT};
use super::connection::{Service, Turn};
use super::head::{Head, Method};
use super::library::Found;
use super::relay::Handler;
use crate::telemetry::{Metrics, Pulse};

const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What operators and their programs are told.
pub struct Private {
    /// Whether everything moves.
    pub pulse: Arc<Pulse>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Service for Private {
    fn answer(&self, head: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Turn {
        let (status, media, body) = match (head.method, head.path) {
            (Method::Unknown, _) => return Turn::Answered(answer::text(out, frame, 501)),
            (Method::Options | Method::Other, _) => return Turn::Answered(answer::text(out, frame, 405)),
            (_, "/healthz") => match self.pulse.stuck() {
                None => (200, TEXT, Bytes::from_static(b"ok\n")),
                Some(part) => (503, TEXT, part.stuck_text().into()),
            },
            (_, "/readyz") if self.pulse.ready() => (200, TEXT, Bytes::from_static(b"ready\n")),
            (_, "/readyz") => (503, TEXT, Bytes::from_static(b"not ready\n")),
            (_, "/metrics") => (200, METRICS, self.metrics.text().into()),
            _ => return Turn::Answered(answer::text(out, frame, 404)),
        };
        Turn::Answered(answer::said(out, frame, status, media, body, &[]))
    }

    fn conclude(&self, _: &Found, _: &Head<'_>, frame: Frame<'_>, out: &mut Vec<u8>) -> Answer {
        answer::text(out, frame, 404)
    }

    fn relay(&self, _: &str) -> Option<Arc<Handler>> {
        None
    }
}
