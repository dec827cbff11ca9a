//! The editor that started us: when it dies without a word, so do we.
use std::time::Duration;

/// How often is looked.
const INTERVAL: Duration = Duration::from_secs(1);

/// Returns when the process `id` has died; never, if it could not be seen at the start (another PID namespace).
#[cfg(unix)]
pub async fn death_of(id: Option<i32>) {
    let Some(id) = id.and_then(rustix::process::Pid::from_raw).filter(|&id| is_alive(id)) else {
        return std::future::pending().await;
    };
    while is_alive(id) {
        tokio::time::sleep(INTERVAL).await;
    }
}

/// True also for a process that we may not signal.
#[cfg(unix)]
fn is_alive(id: rustix::process::Pid) -> bool {
    rustix::process::test_kill_process(id) != Err(rustix::io::Errno::SRCH)
}

/// Never returns: the end of input tells us.
#[cfg(not(unix))]
pub async fn death_of(_: Option<i32>) {
    let _ = INTERVAL;
    std::future::pending().await
}
