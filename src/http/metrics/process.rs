//! What the system says about this process: memory, threads, processor time, file descriptors.
//!
//! Read from `/proc`, which lies in memory; where there is none, the families are left out.

use std::fs;

use prometheus::proto::MetricFamily;
use rustix::time::{ClockId, clock_gettime};

use super::exposition::{fraction, single};
use super::names;

/// One family for each value that the system tells.
pub(super) fn read() -> Vec<MetricFamily> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let kibibytes = number_after(&status, "VmRSS:");
    let memory = kibibytes.map(|kibibytes| single(names::MEMORY, kibibytes.saturating_mul(1024)));
    let threads = number_after(&status, "Threads:").map(|number| single(names::THREADS, number));
    let open = open_files().map(|number| single(names::OPEN_FILES, number));
    let max = number_after(&limits, "Max open files").map(|most| single(names::MAX_FILES, most));
    let parts = [memory, threads, open, max, Some(processor_time())];
    parts.into_iter().flatten().collect()
}

/// The first number on the line that begins with `mark`; none where the line says `unlimited`.
fn number_after(text: &str, mark: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(mark))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Without the one that is open for counting.
fn open_files() -> Option<u64> {
    let count = fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(count).ok()?.checked_sub(1)
}

fn processor_time() -> MetricFamily {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let micros = spent.tv_sec.saturating_mul(1_000_000) + spent.tv_nsec / 1000;
    let spent = std::time::Duration::from_micros(u64::try_from(micros).unwrap_or_default());
    fraction(names::CPU, spent.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_the_beginning_of_their_line() {
        let text = "Name:\tdoorward\nVmRSS:\t   21512 kB\nThreads:\t7\nMax open files            1024                 524288  files\nMax locked memory         unlimited  unlimited  bytes\n";
        assert_eq!(number_after(text, "VmRSS:"), Some(21512));
        assert_eq!(number_after(text, "Threads:"), Some(7));
        assert_eq!(number_after(text, "Max open files"), Some(1024));
        assert_eq!(number_after(text, "Max locked memory"), None);
        assert_eq!(number_after(text, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_memory_threads_and_files() {
        let families = read();
        let names: Vec<_> = families.iter().map(MetricFamily::name).collect();
        assert_eq!(
            names,
            [
                "process_resident_memory_bytes",
                "process_threads",
                "process_open_fds",
                "process_max_fds",
                "process_cpu_seconds_total"
            ]
        );
    }
}
