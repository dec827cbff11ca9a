//! What a step is, by its name: `[linux/amd64 build 4/7] RUN …`, `[internal] load build context`, `exporting to image`.

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'n> {
    /// An instruction of the Dockerfile.
    Instruction(Numbered<'n>),
    /// Reads the Dockerfile, and with `# syntax=` the frontend; nothing else happens meanwhile.
    Definition,
    /// Asks registries about images, reads .dockerignore, looks for caches: in front of all instructions.
    Preparation,
    /// Sends the build context.
    Context,
    /// Writes the image or a cache, behind all instructions.
    Export,
    /// Anything else, such as the address of an ADD.
    Other,
}

/// `[platform stage number/total] text`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered<'n> {
    /// `linux/amd64`, or `linux/amd64->arm64` where it compiles for another one; only with several platforms.
    pub platform: Option<&'n str>,
    /// The stage's name, or `stage-1`; `None` where the Dockerfile has one stage only.
    pub stage: Option<&'n str>,
    /// Which of the stage's steps it is, from 1.
    pub number: u32,
    /// The instruction as BuildKit writes it.
    pub text: &'n str,
}

/// Reads a step's name.
pub fn role(name: &str) -> Role<'_> {
    if let Some(numbered) = numbered(name) {
        return Role::Instruction(numbered);
    }
    let of = |starts: &[&str], role: Role<'static>| starts.iter().any(|start| name.starts_with(start)).then_some(role);
    // Several targets of one build are named too: `[web internal] load build context`.
    let internal =
        name.strip_prefix('[').and_then(|rest| rest.split_once(']')).filter(|(front, _)| front.ends_with("internal"));
    if let Some((_, what)) = internal {
        return match what.trim_start() {
            what if what.starts_with("load build context") => Role::Context,
            what if what.starts_with("load build definition") || what.starts_with("load remote build") => {
                Role::Definition
            }
            _ => Role::Preparation,
        };
    }
    of(&["resolve image config for docker", "docker-image://"], Role::Definition)
        .or_else(|| of(&["[auth]", "importing cache manifest"], Role::Preparation))
        .or_else(|| {
            of(
                &["exporting ", "preparing build cache", "writing image", "pushing ", "resolving provenance"],
                Role::Export,
            )
        })
        .unwrap_or(Role::Other)
}

fn numbered(name: &str) -> Option<Numbered<'_>> {
    let (front, text) = name.strip_prefix('[')?.split_once(']')?;
    let mut words: Vec<&str> = front.split_whitespace().collect();
    let (number, total) = words.pop()?.split_once('/')?;
    let (number, _) = (number.parse().ok()?, total.parse::<u32>().ok()?);
    let platform = words.first().copied().filter(|word| word.contains('/'));
    if platform.is_some() {
        words.remove(0);
    }
    // With several targets that of the step stands in front of the stage.
    Some(Numbered { platform, stage: words.pop(), number, text: text.trim_start() })
}

impl Numbered<'_> {
    /// The platform that it makes something for, without the one that it runs on.
    pub fn target(&self) -> Option<&str> {
        let platform = self.platform?;
        match platform.split_once("->") {
            Some((_, target)) => Some(target),
            None => Some(platform.split_once('/').map_or(platform, |(_, target)| target)),
        }
    }

    /// The keyword.
    pub fn keyword(&self) -> &str {
        self.text.split_whitespace().next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str) -> Option<(Option<&str>, Option<&str>, u32, &str)> {
        match role(name) {
            Role::Instruction(it) => Some((it.platform, it.stage, it.number, it.text)),
            _ => None,
        }
    }

    #[test]
    fn reads_names() {
        assert_eq!(parts("[build 4/7] RUN go build"), Some((None, Some("build"), 4, "RUN go build")));
        assert_eq!(parts("[ 2/12] COPY . ."), Some((None, None, 2, "COPY . .")));
        assert_eq!(parts("[stage-1 2/5] WORKDIR /a"), Some((None, Some("stage-1"), 2, "WORKDIR /a")));
        let cross = "[linux/amd64->arm64 build  4/17] RUN x";
        assert_eq!(parts(cross), Some((Some("linux/amd64->arm64"), Some("build"), 4, "RUN x")));
        let Role::Instruction(cross) = role(cross) else { panic!() };
        assert_eq!((cross.target(), cross.keyword()), (Some("arm64"), "RUN"));
        let Role::Instruction(own) = role("[linux/arm64 2/5] COPY a b") else { panic!() };
        assert_eq!((own.target(), own.stage), (Some("arm64"), None));
        assert_eq!(parts("[web build 4/7] RUN x"), Some((None, Some("build"), 4, "RUN x")));
    }

    #[test]
    fn tells_other_steps() {
        assert_eq!(role("[internal] load build context"), Role::Context);
        assert_eq!(role("[web internal] load build context"), Role::Context);
        assert_eq!(role("[internal] load .dockerignore"), Role::Preparation);
        assert_eq!(role("[auth] library/golang:pull token for registry-1.docker.io"), Role::Preparation);
        assert_eq!(role("docker-image://docker.io/docker/dockerfile:1@sha256:ab"), Role::Definition);
        assert_eq!(role("exporting to image"), Role::Export);
        for other in ["https://example.com/x.tgz", "", "[", "[]", "[a/b]", "[1/x] y"] {
            assert_eq!(role(other), Role::Other, "{other}");
        }
    }
}
