//! Which values BuildKit takes: durations, ports, permissions, platforms … Source: BuildKit v0.32.2 and the libraries in its
//! vendor folder (containerd/platforms, docker/go-units, moby/sys/signal, opencontainers/go-digest, dchapes-mode).

/// `^[a-z][a-z0-9-_.]*$`, after lower-casing.
pub fn is_stage_name(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// What Go's `strconv.ParseBool` takes.
pub fn is_bool(value: &str) -> bool {
    matches!(value, "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
}

/// `port[-end][/protocol]`, with an address and a host port in front if need be.
pub fn is_port(value: &str) -> bool {
    let mut parts = value.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let host = parts.next().unwrap_or_default();
    let address = parts.next().unwrap_or_default();
    let (ports, protocol) = container.split_once('/').unwrap_or((container, ""));
    let known = ["", "tcp", "udp", "sctp"].iter().any(|known| known.eq_ignore_ascii_case(protocol));
    let address_ok =
        address.is_empty() || address.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok();
    let Some(container) = port_range(ports) else { return false };
    let host_ok = host.is_empty() || port_range(host).is_some_and(|host| container <= 1 || host == container);
    known && address_ok && host_ok
}

/// How many ports a range holds; `None` when it is none.
fn port_range(value: &str) -> Option<u32> {
    let (start, end) = value.split_once('-').unwrap_or((value, value));
    let (start, end) = (start.parse::<u16>().ok()?, end.parse::<u16>().ok()?);
    (start <= end).then(|| u32::from(end - start) + 1)
}

/// Go's duration syntax, 0 or at least 1ms; nothing is the default.
pub fn is_duration(value: &str) -> bool {
    let negative = value.starts_with('-');
    let mut rest = value.strip_prefix(['+', '-']).unwrap_or(value);
    if rest == "0" || value.is_empty() {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..digits].parse::<f64>() else { return false };
        rest = &rest[digits..];
        // The micro sign is a unit of Go's, but flags are read byte by byte, which destroys it.
        let units = [("ns", 1e-6), ("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4), ("h", 3.6e6)];
        let Some((unit, factor)) = units.iter().find(|(unit, _)| rest.starts_with(unit)) else { return false };
        total += number * factor;
        rest = &rest[unit.len()..];
    }
    total == 0.0 || (!negative && (1.0..9.223_372_036e12).contains(&total))
}

/// A whole number from 0 to 2147483647; nothing is the default.
pub fn is_retries(value: &str) -> bool {
    value.is_empty() || value.parse::<i32>().is_ok_and(|number| number >= 0)
}

/// The value of `--chmod`: octal digits up to 7777, or symbols such as `u=rwX,go=rX`.
pub fn is_file_mode(value: &str) -> bool {
    if value.starts_with(|first: char| first.is_ascii_digit()) {
        return u32::from_str_radix(value, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    value.split(',').all(|clause| {
        let clause = clause.trim_start_matches(['a', 'u', 'g', 'o']);
        clause.starts_with(['+', '-', '='])
            && clause.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'=') || b"rwxXstugo".contains(&byte))
    })
}

const SYSTEMS: [&str; 18] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
    "macos",
];
const ARCHITECTURES: [&str; 30] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "i386",
    "x86_64",
    "x86-64",
    "aarch64",
    "armhf",
    "armel",
];

/// `os/arch[/variant]`, or an operating system or an architecture alone.
pub fn is_platform(value: &str) -> bool {
    let mut parts = value.split('/');
    let system = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let (name, version) = match system.split_once('(') {
        Some((name, version)) => (name, version.strip_suffix(')')),
        None => (system, Some("")),
    };
    let word = |part: &str, more: &[u8]| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || more.contains(&byte))
    };
    let system_ok = !name.is_empty() && word(name, b"") && version.is_some_and(|version| word(version, b".%+"));
    if rest.is_empty() {
        let known = |list: &[&str], name: &str| list.iter().any(|known| known.eq_ignore_ascii_case(name));
        return system_ok && (known(&SYSTEMS, name) || known(&ARCHITECTURES, system));
    }
    system_ok && rest.len() <= 2 && rest.iter().all(|part| !part.is_empty() && word(part, b"."))
}

/// `sha256:` and 64 hexadecimal digits in lower case, or the longer kinds.
pub fn is_digest(value: &str) -> bool {
    let Some((algorithm, digits)) = value.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    digits.len() == length && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Names of Linux' signals without `SIG`; the real-time ones aside.
pub const SIGNALS: [&str; 34] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

/// A signal's name with or without `SIG`, in any case, or its number, which may not be 0.
pub fn is_signal(value: &str) -> bool {
    if let Ok(number) = value.parse::<i64>() {
        return number != 0;
    }
    let upper = value.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let real_time = |prefix: &str, sign: char, most: u8| {
        let rest = name.strip_prefix(prefix)?;
        let number = rest.strip_prefix(sign).filter(|digits| !digits.starts_with('0'));
        Some(rest.is_empty() || number.is_some_and(|digits| digits.parse::<u8>().is_ok_and(|n| n <= most)))
    };
    SIGNALS.contains(&name) || real_time("RTMIN", '+', 15) == Some(true) || real_time("RTMAX", '-', 14) == Some(true)
}

/// A size in bytes, with a unit if need be: `64m`, `1.5GiB`.
pub fn is_size(value: &str) -> bool {
    let Some(last) = value.rfind(|character: char| character.is_ascii_digit() || matches!(character, '.' | ' ')) else {
        return false;
    };
    let (number, unit) = (&value[..=last], value[last + 1..].to_ascii_lowercase());
    let number = number.strip_suffix(' ').unwrap_or(number);
    let unit_ok = match unit.as_bytes() {
        [] | [b'b' | b'k' | b'm' | b'g' | b't' | b'p'] => true,
        [first, b'b'] | [first, b'i', b'b'] => b"kmgtp".contains(first),
        _ => false,
    };
    unit_ok && number.parse::<f64>().is_ok_and(|size| size >= 0.0)
}

/// True when `source` begins like an address that ADD fetches and COPY refuses.
pub fn is_address(source: &str) -> bool {
    let after = |scheme: &str| source.len() >= scheme.len() && source[..scheme.len()].eq_ignore_ascii_case(scheme);
    ["http://", "https://", "git://", "ssh://"]
        .iter()
        .any(|scheme| source.is_char_boundary(scheme.len()) && after(scheme))
        || is_implicit_ssh(source)
}

/// True when `source` is a git repository for ADD.
#[allow(clippy::case_sensitive_file_extension_comparisons, reason = "BuildKit compares it so")]
pub fn is_git(source: &str) -> bool {
    let path = source.split(['#', '?']).next().unwrap_or_default();
    is_address(source) && (!source.to_ascii_lowercase().starts_with("http") || path.ends_with(".git"))
}

/// `git@github.com:owner/name`
fn is_implicit_ssh(source: &str) -> bool {
    let Some((user, rest)) = source.split_once('@') else { return false };
    let Some((host, _)) = rest.split_once(':') else { return false };
    let word = |part: &str, more: &[u8]| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || more.contains(&byte))
    };
    word(user, b"_") && word(host, b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(check: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for value in good {
            assert!(check(value), "{value}");
        }
        for value in bad {
            assert!(!check(value), "{value}");
        }
    }

    #[test]
    fn knows_values() {
        all(
            is_port,
            &["80", "8000-8010/udp", "53/UDP", "80/", "127.0.0.1:8080:80", "[::1]:1:2", "1-9:80"],
            &["", "http", "70000", "90-80", "80/x", "a:80", "300.0.0.1:1:2", "1-9:1-3"],
        );
        all(
            is_duration,
            &["", "0", "30s", "1h2m3.5s", ".5s", "-0s"],
            &["30", "s", "999us", "-1s", "1d", "30S", "5000µs", "9999999h"],
        );
        all(is_retries, &["", "3", "+3", "-0", "007"], &["-1", "1.5", "x", "2147483648"]);
        all(
            is_file_mode,
            &["755", "0644", "7777", "u=rwX,go=rX", "+x", "u=", "g=u", "u+r-w"],
            &["789", "17777", "0o755", "x", "z+x", "urwx", "u+x,", "u=7"],
        );
        all(
            is_platform,
            &["linux/arm64", "linux/arm/v7", "arm64", "windows", "Linux/x86_64", "windows(10.0.1)/amd64"],
            &["", "amd46", "linux/", "a/b/c/d", "linux/*", "linux/amd64,linux/arm64"],
        );
        all(
            is_signal,
            &["9", "SIGTERM", "quit", "SIGRTMIN+3", "RTMAX-14", "-9"],
            &["0", "SIGFOO", "SIGSIGTERM", "RTMIN+16", "TERM QUIT", ""],
        );
        all(is_size, &["1", "64m", "1.5g", "2GiB", "10kb", "1 k"], &["", "x", "64x", "-1", "64mm"]);
        all(
            is_git,
            &["git@github.com:a/b", "https://x/y.git#main", "ssh://git@h/p"],
            &["https://x/y", "a.git", "user@host"],
        );
    }
}
