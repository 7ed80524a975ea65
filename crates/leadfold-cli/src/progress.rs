//! Progress on standard error, where that is a terminal; else nothing.

use std::fmt::Write;
use std::sync::OnceLock;

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

/// A bar with rate and time left.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Counts events of a known number.
    pub(crate) fn of_events() -> Self {
        Self::styled(
            ProgressBar::new(0),
            "{bar:32} {human_pos} of {human_len} events, {rate}/s, {eta} left",
        )
    }

    /// Counts bytes of a file, or of a stream whose length nobody knows.
    pub(crate) fn of_bytes(total: Option<u64>) -> Self {
        match total {
            Some(total) => Self::styled(
                ProgressBar::new(total),
                "{bar:32} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left, {msg}",
            ),
            None => Self::styled(
                ProgressBar::new_spinner(),
                "{spinner} {bytes} read, {bytes_per_sec}, {msg}",
            ),
        }
    }

    /// For a store that may have to derive anew what an older leadfold has derived: no bar before
    /// it does.
    pub(crate) fn of_rebuild() -> leadfold_store::Progress {
        let bar = OnceLock::new();
        leadfold_store::Progress::to(move |done, of| {
            let bar = bar.get_or_init(Self::of_events);
            bar.events(done, of);
            if done == of {
                bar.clear();
            }
        })
    }

    fn styled(bar: ProgressBar, template: &str) -> Self {
        let style = ProgressStyle::with_template(template).expect("the template is ours");
        bar.set_style(style.with_key("rate", rate));
        Self(bar)
    }

    /// So many events of so many are done.
    pub(crate) fn events(&self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }

    /// So many bytes are done, and what there is to say of them.
    pub(crate) fn bytes(&self, done: u64, message: String) {
        self.0.set_position(done);
        self.0.set_message(message);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// How many a second.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    // Where it cannot be written there is nobody to tell.
    let _ = write!(out, "{}", whole(state.per_sec()));
}

/// Nobody reads ten thousandths of an event.
fn whole(rate: f64) -> HumanCount {
    HumanCount(rate.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_rate_is_whole() {
        assert_eq!(whole(108_526_770.963_9).to_string(), "108,526,771");
        assert_eq!(whole(0.2).to_string(), "0");
    }
}
