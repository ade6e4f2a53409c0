//! What the hub says to subscribers, each a task of its own. A panic in one is an answer that did not come.

use std::sync::Arc;

use url::Url;

use crate::daemon::random;
use crate::fetch::Client;
use crate::fetch::error::FetchError;
use crate::fetch::hub::{Parcel, Reply};
use crate::publish::Page;
use crate::websub::hub::{self, Outcome, Request, Subscriber};
use crate::websub::signature;

/// Who calls.
pub type Caller = Arc<Client>;

/// Random bytes of a challenge, which has two digits for each.
const CHALLENGE_BYTES: usize = 32;

/// A subscriber was asked whether it meant it.
pub struct Verified {
    /// Whose turn it was.
    pub host: String,
    /// What it had asked for.
    pub request: Request,
    /// Whether it did.
    pub is_confirmed: bool,
}

/// A delivery ended.
pub struct Delivered {
    /// The subscriber's number.
    pub id: i64,
    /// The subscriber as it was then.
    pub to: Subscriber,
    /// The `ETag` of what was delivered.
    pub etag: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Asks a subscriber whether it meant it.
pub async fn verify(client: Caller, host: String, request: Request) -> Verified {
    let asked = request.clone();
    let call = tokio::spawn(async move { ask(&client, &asked).await });
    Verified { host, request, is_confirmed: call.await.unwrap_or(false) }
}

async fn ask(client: &Client, request: &Request) -> bool {
    let challenge = match random(CHALLENGE_BYTES) {
        Ok(challenge) => challenge,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "nobody can be asked without a challenge");
            return false;
        }
    };
    match client.question(&hub::question(request, &challenge)).await {
        Ok(Reply { status, body, .. }) => hub::is_confirmed(status, &body, &challenge),
        Err(error) => {
            say(&request.topic, &error);
            false
        }
    }
}

/// Delivers a feed.
pub async fn deliver(client: Caller, id: i64, to: Subscriber, page: Arc<Page>, links: String) -> Delivered {
    let (callback, secret, topic, etag) = (to.callback.clone(), to.secret.clone(), to.topic.clone(), page.etag.clone());
    let call = tokio::spawn(async move {
        let signature = secret.map(|secret| signature::sign(&secret, &page.body));
        let parcel = Parcel { body: page.body.clone(), content_type: page.content_type, links, signature };
        match client.deliver(&callback, parcel).await {
            Ok(Reply { status, retry_after, .. }) => Outcome::of(status, retry_after),
            Err(error) => {
                say(&topic, &error);
                Outcome::Failed { patience: error.retry_after }
            }
        }
    });
    let outcome = call.await.unwrap_or(Outcome::Failed { patience: None });
    Delivered { id, to, etag, outcome }
}

/// Tells somebody something, and does not mind whether it is heard.
pub async fn tell(client: Caller, url: Url) {
    drop(client.question(&url).await);
}

/// A callback is a secret, so the log has only what was to go there and why it did not.
fn say(topic: &str, error: &FetchError) {
    tracing::info!(topic, class = error.class.as_str(), "a subscriber was not reached: {error}");
}
