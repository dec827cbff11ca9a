//! Image references, and what is known of an image at a point.
use crate::analysis::known::Known;
use crate::analysis::state::{Base, GoToolchain, ImageState};
use crate::ide::image_page::of_reference;
use crate::ide::markdown::{item, paragraphs};
use crate::knowledge::base_images::BaseImage;
use crate::knowledge::distros::{Distro, Libc, PackageManager};
use crate::knowledge::golang_tags::{supported_minors, tags_as_of};
use crate::knowledge::support::support;
use crate::knowledge::{image_names, texts};
use crate::model::image::ImageRef;
use crate::registry::RegistryFacts;
use crate::registry::tag::{Newer, newer};

/// An image that is named as `written`, which a stage starts from in this `state`; empty where nothing is known of it, by its
/// registry neither.
pub fn reference(written: &str, state: &ImageState, published: &RegistryFacts) -> String {
    let Some(reference) = state.reference.as_deref() else { return String::new() };
    let title = format!("**{reference}**");
    if state.base == Base::Scratch {
        return paragraphs(&[
            &title,
            "The empty image: no files, no shell, no C library. Only static programs start in it.",
        ]);
    }
    let about = name(reference);
    let link = of_reference(reference).map(|page| format!("[Page]({page})")).unwrap_or_default();
    let said = of_registry(reference, published);
    let Some(image) = state.image() else {
        let is_news = reference != written || ![about, &link, &said].iter().all(|text| text.is_empty());
        return if is_news { paragraphs(&[&title, about, said.trim_end(), &link]) } else { String::new() };
    };
    let mut lines = release(image);
    lines.push_str(&item("C library", &libc(state)));
    lines.push_str(&tools(image));
    lines.push_str(&go(state));
    lines.push_str(&user_and_folder(state));
    lines.push_str(&variables(state));
    lines.push_str(&said);
    paragraphs(&[&title, about, image.notes, lines.trim_end(), &link])
}

/// What the registry says, where it was asked.
fn of_registry(reference: &str, published: &RegistryFacts) -> String {
    let image = ImageRef::parse(reference);
    let mut lines = String::new();
    if let Some(found) = published.image(reference) {
        lines.push_str(&item("digest", &format!("`{}`", found.digest)));
        lines.push_str(&item("platforms", &found.platforms.join(", ")));
        lines.push_str(&item("made on", found.created.as_deref().unwrap_or_default()));
    }
    if let (Some(tag), Some(old)) = (&image.tag, &image.digest)
        && let Some(now) = published.image(&format!("{}:{tag}", image.repository)).filter(|now| now.digest != *old)
    {
        lines.push_str(&item("the tag has moved on to", &format!("`{}`", now.digest)));
    }
    let tags = published.tags(&image.repository).unwrap_or_default();
    let Newer { same_major, next_major } = newer(image.tag.as_deref().unwrap_or_default(), tags);
    let newer: Vec<String> = same_major.into_iter().chain(next_major).map(|tag| format!("`{tag}`")).collect();
    lines + &item("newer tags", &newer.join(", "))
}

/// What the name of an image alone says.
fn name(reference: &str) -> &'static str {
    let image = ImageRef::parse(reference);
    if image_names::is_official(&image.repository) {
        "A Docker official image."
    } else if image_names::is_rolling(&image.repository) {
        "Without version tags: only a digest pins it."
    } else {
        ""
    }
}

fn release(image: &BaseImage) -> String {
    let mut lines = item("distribution", &distro_text(image));
    let found = image.distro.zip(image.version.as_deref()).and_then(|(distro, version)| support(distro, version));
    if let (Some(found), Some(distro)) = (found, image.distro) {
        let who = texts::value("extended", &format!("{distro:?}").to_lowercase()).unwrap_or("others");
        let more = if found.extended.is_empty() { String::new() } else { format!(" ({who} until {})", found.extended) };
        lines.push_str(&item("security fixes", &format!("until {}{more}", found.until)));
    }
    lines
}

/// `Debian 12`; empty for no distribution, and where it is not known.
fn distro_text(image: &BaseImage) -> String {
    let version = image.version.as_deref().unwrap_or_default();
    let distro = image.distro.filter(|distro| *distro != Distro::None);
    let name = distro.map_or("", |distro| texts::value("distro", &format!("{distro:?}").to_lowercase()).unwrap_or(""));
    format!("{name} {version}").trim().to_owned()
}

fn tools(image: &BaseImage) -> String {
    let manager = match image.package_manager {
        Some(PackageManager::None) => "none".to_owned(),
        Some(manager) => format!("{manager:?}").to_lowercase(),
        None => String::new(),
    };
    let shell = match image.shells.as_deref() {
        Some([]) => "none".to_owned(),
        Some(shells) => shells.iter().map(|shell| format!("`{shell}`")).collect::<Vec<_>>().join(", "),
        None => String::new(),
    };
    let yes_no = |answer: Option<bool>| answer.map_or("", |yes| if yes { "yes" } else { "no" });
    [
        item("package manager", &manager),
        item("shell", &shell),
        item("C compiler", yes_no(image.c_compiler)),
        item("CA certificates", yes_no(image.ca_certs)),
        item("time zones", yes_no(image.tzdata)),
    ]
    .concat()
}

/// The Go toolchain with its support window.
fn go(state: &ImageState) -> String {
    let Some(Some(toolchain)) = state.go.as_ref() else { return String::new() };
    item("Go", &format!("{}{}", go_version(toolchain), go_support(toolchain)))
}

fn go_version(toolchain: &GoToolchain) -> String {
    toolchain.version.as_ref().map_or_else(|| "version not told by the tag".to_owned(), ToString::to_string)
}

fn go_support(toolchain: &GoToolchain) -> String {
    let Some(version) = toolchain.version.as_ref() else { return String::new() };
    let [oldest, newest] = supported_minors();
    let day = tags_as_of();
    match (version.major, version.minor) {
        minor if minor < oldest => {
            format!(" (no fixes any more as of {day}: {}.{} is the oldest that gets some)", oldest.0, oldest.1)
        }
        minor if minor <= newest => format!(" (gets fixes as of {day})"),
        _ => String::new(),
    }
}

fn user_and_folder(state: &ImageState) -> String {
    let user = state.user.as_ref().map_or("", |user| if user.is_empty() { "root" } else { user });
    let folder = state.workdir.as_ref().map_or_else(String::new, |path| format!("`{path}`"));
    item("user", user) + &item("folder", &folder)
}

fn variables(state: &ImageState) -> String {
    let set = state.env.iter().filter(|(name, _)| *name != "PATH");
    let env: Vec<String> = set.map(|(name, variable)| assignment(name, &variable.value)).collect();
    item("variables", &env.join(", "))
}

/// What is known of an image at a point of a stage, as a list below `title`; empty when nothing is.
pub fn state_text(title: &str, state: &ImageState) -> String {
    let mut lines = state.image().map(|image| item("distribution", &distro_text(image))).unwrap_or_default();
    lines.push_str(&item("C library", &libc(state)));
    if let Some(Some(toolchain)) = state.go.as_ref() {
        lines.push_str(&item("Go", &go_version(toolchain)));
    }
    lines.push_str(&user_and_folder(state));
    lines.push_str(&variables(state));
    let packages: Vec<&str> = state.packages.names().collect();
    lines.push_str(&item("packages", &packages.join(", ")));
    if lines.is_empty() { lines } else { format!("{title}\n{}", lines.trim_end()) }
}

fn assignment(name: &str, value: &Known<String>) -> String {
    value.as_ref().map_or_else(|| format!("`{name}`"), |value| format!("`{name}={value}`"))
}

fn libc(state: &ImageState) -> String {
    match (state.libc(), state.glibc()) {
        _ if state.distro() == Known::Known(Distro::Windows) => String::new(),
        (Known::Known(Libc::Glibc), Known::Known((major, minor))) => format!("glibc {major}.{minor}"),
        (Known::Known(Libc::Glibc), Known::Unknown) => "glibc".to_owned(),
        (Known::Known(Libc::Musl), _) => "musl".to_owned(),
        (Known::Known(Libc::None), _) => "none: only static programs start".to_owned(),
        (Known::Unknown, _) => String::new(),
    }
}
