//! One registry asked one thing: bounded in time and size, over HTTPS unless the settings name the host, with credentials for
//! nobody but that registry and the token server that it names.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_auth::ChallengeRef;
use serde::Deserialize;
use ureq::config::RedirectAuthHeaders;
use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};
use url::Url;

use super::answer::{self, MANIFESTS, Manifest};
use super::reference::{Reference, Repository, is_digest};
use super::{Image, credentials};
use crate::settings::RegistrySettings;

/// Larger answers are refused, each in bytes: the limit that registries have for manifests,
const MAX_MANIFEST: u64 = 4 << 20;
/// for a page of tags, of which Docker Hub sends all in one,
const MAX_TAGS_PAGE: u64 = 4 << 20;
/// and for a token.
const MAX_TOKEN: u64 = 64 << 10;
/// So many tags are asked for at a time.
const PAGE: &str = "1000";
/// More tags are left out.
const MAX_PAGES: usize = 20;
/// Manifests move, where they do, to another host once or twice.
const MAX_REDIRECTS: u32 = 3;
/// So many tokens are kept; beyond it all are dropped at once.
const MAX_TOKENS: usize = 256;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The registry answers nothing, or wants to be left alone.
    Host(String),
    /// It answers, but not this.
    This(String),
}

/// Connections that are reused, and tokens.
#[derive(Debug)]
pub struct Client {
    secure: Agent,
    plain: Agent,
    insecure: Vec<Url>,
    /// The `Authorization` header that a repository took last.
    tokens: Mutex<HashMap<Repository, String>>,
}

/// An answer that is as it should be.
struct Answer {
    digest: Option<String>,
    next: Option<Url>,
    body: Vec<u8>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    /// The same by another name; some send both.
    access_token: Option<String>,
}

impl Client {
    /// Asks nothing yet.
    pub fn new(settings: &RegistrySettings) -> Self {
        let insecure = settings.insecure.iter().filter_map(|host| Url::parse(&format!("http://{host}")).ok()).collect();
        Self { secure: agent(settings, true), plain: agent(settings, false), insecure, tokens: Mutex::default() }
    }

    /// All tags of a repository, as far as they fit.
    pub fn tags(&self, repository: &Repository) -> Result<Vec<String>, Failure> {
        let mut url = self.url(repository, "tags/list")?;
        url.query_pairs_mut().append_pair("n", PAGE);
        let mut tags = Vec::new();
        for _ in 0..MAX_PAGES {
            let answer = self.get(repository, &url, "application/json", MAX_TAGS_PAGE)?;
            tags.extend(answer::tags(&answer.body).ok_or_else(|| broken("its tags"))?);
            // A page elsewhere is not asked for: it would get what this registry gets.
            match answer.next.filter(|next| next.origin() == url.origin() && next.path() == url.path()) {
                Some(next) => url = next,
                None => break,
            }
        }
        Ok(tags)
    }

    /// What an image is.
    pub fn image(&self, reference: &Reference) -> Result<Image, Failure> {
        let repository = &reference.repository;
        let url = self.url(repository, &format!("manifests/{}", reference.version))?;
        let answer = self.get(repository, &url, MANIFESTS, MAX_MANIFEST)?;
        let asked = Some(&reference.version).filter(|version| is_digest(version));
        let digest = answer.digest.or_else(|| asked.cloned()).ok_or_else(|| broken("a digest"))?;
        if asked.is_some_and(|asked| *asked != digest) {
            return Err(broken("a digest"));
        }
        let (platforms, created) = match answer::manifest(&answer.body).ok_or_else(|| broken("a manifest"))? {
            Manifest::Index { platforms, created } => (platforms, created),
            Manifest::Single(config) => {
                let url = self.url(repository, &format!("blobs/{config}"))?;
                let said = self.get(repository, &url, "*/*", MAX_MANIFEST)?;
                // Not every manifest is that of an image.
                let said = answer::config(&said.body);
                said.map_or((Vec::new(), None), |(platform, created)| (vec![platform], created))
            }
        };
        Ok(Image { digest, platforms, created })
    }

    fn url(&self, repository: &Repository, rest: &str) -> Result<Url, Failure> {
        let server = repository.server();
        let plain = Url::parse(&format!("http://{server}")).is_ok_and(|url| self.is_insecure(&url));
        let scheme = if plain { "http" } else { "https" };
        Url::parse(&format!("{scheme}://{server}/v2/{}/{rest}", repository.path))
            .map_err(|error| Failure::This(error.to_string()))
    }

    fn is_insecure(&self, url: &Url) -> bool {
        self.insecure.iter().any(|insecure| insecure.origin() == url.origin())
    }

    /// Who asks there; `None` for plain HTTP with a host that the settings don't name.
    fn agent(&self, url: &Url) -> Option<&Agent> {
        match url.scheme() {
            "https" => Some(&self.secure),
            "http" if self.is_insecure(url) => Some(&self.plain),
            _ => None,
        }
    }

    fn get(&self, repository: &Repository, url: &Url, accept: &str, limit: u64) -> Result<Answer, Failure> {
        let known = lock(&self.tokens).get(repository).cloned();
        let mut response = self.send(url, accept, known.as_deref())?;
        if response.status().as_u16() == 401
            && let Some(authorization) = self.authorize(repository, &response)?
        {
            response = self.send(url, accept, Some(&authorization))?;
            let mut tokens = lock(&self.tokens);
            if tokens.len() >= MAX_TOKENS {
                tokens.clear();
            }
            tokens.insert(repository.clone(), authorization);
        }
        judge(response.status().as_u16())?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let digest = header("docker-content-digest").filter(|digest| is_digest(digest)).map(str::to_owned);
        let next = header("link").and_then(|link| next(url, link));
        Ok(Answer { digest, next, body: read(response, limit)? })
    }

    fn send(&self, url: &Url, accept: &str, authorization: Option<&str>) -> Result<Response<Body>, Failure> {
        let agent = self.agent(url).ok_or_else(|| Failure::This("it leads to plain HTTP".to_owned()))?;
        let mut request = agent.get(url.as_str()).header("accept", accept);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        request.call().map_err(failure)
    }

    /// The header that the registry asks for; `None` where it asks for what we don't have.
    fn authorize(&self, repository: &Repository, refusal: &Response<Body>) -> Result<Option<String>, Failure> {
        let basic = || credentials::of(&repository.host).map(|own| format!("Basic {own}"));
        let headers = refusal.headers().get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<ChallengeRef> =
            headers.filter_map(|header| http_auth::parse_challenges(header).ok()).flatten().collect();
        let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme));
        match of("bearer") {
            Some(bearer) => self.token(repository, bearer, basic().as_deref()).map(Some),
            None => Ok(of("basic").and_then(|_| basic())),
        }
    }

    /// A token from the server that the registry names.
    fn token(&self, repository: &Repository, bearer: &ChallengeRef, own: Option<&str>) -> Result<String, Failure> {
        let parameter = |name: &str| {
            let found = bearer.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_unescaped())
        };
        let mut realm =
            parameter("realm").and_then(|realm| Url::parse(&realm).ok()).ok_or_else(|| broken("a token server"))?;
        if let Some(service) = parameter("service") {
            realm.query_pairs_mut().append_pair("service", &service);
        }
        realm.query_pairs_mut().append_pair("scope", &format!("repository:{}:pull", repository.path));
        let response = self.send(&realm, "application/json", own)?;
        judge(response.status().as_u16())?;
        let body = read(response, MAX_TOKEN)?;
        let token: Token = serde_json::from_slice(&body).map_err(|_| broken("a token"))?;
        let visible = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let token = token.token.or(token.access_token).filter(visible).ok_or_else(|| broken("a token"))?;
        Ok(format!("Bearer {token}"))
    }
}

fn lock<T>(known: &Mutex<T>) -> MutexGuard<'_, T> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn agent(settings: &RegistrySettings, secure: bool) -> Agent {
    // The certificates that the system trusts: those of an intranet are among them.
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .https_only(secure)
        .http_status_as_error(false)
        .max_redirects(if secure { MAX_REDIRECTS } else { 0 })
        .redirect_auth_headers(RedirectAuthHeaders::Never)
        .timeout_global(Some(Duration::from_secs(settings.timeout.clamp(1, 60).into())))
        .user_agent(concat!("dockline/", env!("CARGO_PKG_VERSION")));
    config.build().into()
}

/// The next page of a list, by its `Link` header.
fn next(url: &Url, link: &str) -> Option<Url> {
    let (target, rest) = link.trim_start().strip_prefix('<')?.split_once('>')?;
    if rest.contains("next") { url.join(target).ok() } else { None }
}

fn read(response: Response<Body>, limit: u64) -> Result<Vec<u8>, Failure> {
    response.into_body().into_with_config().limit(limit).read_to_vec().map_err(failure)
}

fn judge(status: u16) -> Result<(), Failure> {
    match status {
        200 => Ok(()),
        401 | 403 => Err(Failure::This("it refuses access".to_owned())),
        404 => Err(Failure::This("it does not have it".to_owned())),
        429 => Err(Failure::Host("it was asked too much (429)".to_owned())),
        500.. => Err(Failure::Host(format!("it fails ({status})"))),
        other => Err(Failure::This(format!("it answers {other}"))),
    }
}

fn failure(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::BodyExceedsLimit(limit) => Failure::This(format!("it sends more than {} KiB", limit >> 10)),
        ureq::Error::Timeout(_) => Failure::Host("it does not answer in time".to_owned()),
        ureq::Error::TooManyRedirects | ureq::Error::RequireHttpsOnly(_) | ureq::Error::BadUri(_) => {
            Failure::This("it leads elsewhere".to_owned())
        }
        other => Failure::Host(other.to_string()),
    }
}

fn broken(what: &str) -> Failure {
    Failure::This(format!("{what} can't be read in its answer"))
}
