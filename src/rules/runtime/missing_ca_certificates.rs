//! A program makes TLS connections, and the image that starts it has no certificates to check them with.
use crate::analysis::copy::CopySource;
use crate::analysis::go::GoCommand;
use crate::analysis::snapshot::Snapshot;
use crate::analysis::state::Base;
use crate::knowledge::go_calls::CallKind;
use crate::model::stage::Stage;
use crate::project::go_source::Mention;
use crate::rules::linked;
use crate::rules::rule::{Check, Default, Finding, Rule, Severity};
use crate::rules::unfinished::{may_bring_more, may_copy_to};

/// The rule.
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    default: Default::On,
    since: "0.1.0",
    aliases: &[],
    check: Check::Stage(check),
};

fn check(snapshot: &Snapshot, stage: &Stage, findings: &mut Vec<Finding>) {
    let end = &snapshot.stage(stage).end;
    let lacks = end.base == Base::Scratch || end.image().and_then(|image| image.ca_certs) == Some(false);
    let certificates = |path: &String| {
        ["cert", "ssl", ".crt", ".pem", "ca-"].iter().any(|part| path.contains(part))
            || matches!(path.as_str(), "/etc" | "/")
    };
    let mut sources = snapshot.stage(stage).copies.iter().flat_map(|copy| &copy.sources);
    let copied = sources.any(|source| source.path.as_ref().is_none_or(certificates));
    let set = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| end.env.get(name).is_some());
    // curl, git and others bring them along.
    let installed = end.packages.names().next().is_some();
    if !lacks
        || copied
        || set
        || may_bring_more(snapshot, stage)
        || may_copy_to(snapshot, stage, "/etc/ssl/certs")
        || installed
        || end.is_tainted()
    {
        return;
    }
    let mut copied = linked::copied(snapshot, stage);
    findings.extend(copied.find_map(|(source, builder, command)| finding(snapshot, source, builder, command)));
}

fn finding(snapshot: &Snapshot, source: &CopySource, builder: &Stage, command: &GoCommand) -> Option<Finding> {
    /// Packages that build the certificates into the program.
    const ROOTS: [&str; 3] =
        ["golang.org/x/crypto/x509roots/fallback", "github.com/breml/rootcerts", "github.com/certifi/gocertifi"];
    let uses = linked::uses(snapshot, builder, command)?;
    // A client alone may talk to a server with a certificate of its own, or without TLS.
    let is_public = |url: &String| url.starts_with("https://");
    let is_client = |(kind, mention): &&(CallKind, &Mention)| {
        *kind == CallKind::TlsClient && mention.literals.iter().any(is_public)
    };
    let (_, first) = uses.calls.iter().find(is_client)?;
    if uses.imports.iter().any(|path| ROOTS.iter().any(|root| path.starts_with(root))) {
        return None;
    }
    let url = first.literals.iter().find(|url| is_public(url))?;
    let message = "the program is an HTTPS client, and this image has no CA certificates: its requests fail";
    Some(
        Finding::new(source.span, message).because(command.span, format!("built here, with {}(\"{url}\")", first.name)),
    )
}
