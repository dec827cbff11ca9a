//! The user that the program gets.
use crate::analysis::known::Answer;
use crate::analysis::snapshot::Snapshot;
use crate::knowledge::distros::Distro;
use crate::model::stage::Stage;

/// A user.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The command that makes it; `None` where a number is enough.
    pub make: Option<&'static str>,
    /// What stands behind USER: a number, by which Kubernetes can tell that it is not root.
    pub user: &'static str,
    /// There is a shell for RUN.
    pub shell: bool,
}

impl Account {
    /// By the distribution of the image. Sources: BusyBox adduser, Debian useradd(8), the OpenShift guidelines for ubi, and
    /// the passwd files of distroless and Chainguard images (nonroot is 65532).
    pub fn choose(snapshot: &Snapshot, stage: &Stage) -> Self {
        let end = &snapshot.stage(stage).end;
        let shells = end.image().and_then(|image| image.shells.as_ref());
        let shell = end.has_shell() == Answer::Yes && shells.is_some_and(|shells| shells.contains(&"/bin/sh"));
        let has = |name: &str| shell && end.has_command(name) == Answer::Yes;
        let node = end.image().is_some_and(|image| image.repository == "node");
        let (make, user) = match end.distro().as_ref() {
            _ if node => (None, "node"),
            Some(Distro::Debian | Distro::Ubuntu) if has("useradd") => {
                (Some("useradd --uid 10001 --no-create-home app"), "10001")
            }
            Some(Distro::Alpine | Distro::Busybox) if has("adduser") => (Some("adduser -D -H -u 10001 app"), "10001"),
            Some(Distro::Rhel) => (None, "1001"),
            _ => (None, "65532:65532"),
        };
        Self { make, user, shell }
    }
}
