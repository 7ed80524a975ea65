//! Work that is shared out to all cores.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::thread;

/// How many there are.
pub(crate) fn count() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Does a share of so many things on each core, and gives what comes of the shares in their order.
pub(crate) fn share<T: Send>(things: u64, work: impl Fn(Range<u64>) -> T + Sync) -> Vec<T> {
    let (cores, work) = (count().get() as u64, &work);
    let first = |core: u64| (u128::from(things) * u128::from(core) / u128::from(cores)) as u64;
    thread::scope(|scope| {
        let shares = (0..cores).map(|core| first(core)..first(core + 1));
        let threads: Vec<_> = shares.map(|share| scope.spawn(move || work(share))).collect();
        threads.into_iter().map(|thread| thread.join().expect("work is total")).collect()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_thing_is_in_one_share() {
        for things in [0, 1, 2, 3, 1_000] {
            let shares = super::share(things, |share| share);
            assert!(shares.into_iter().flatten().eq(0..things), "{things}");
        }
        let shares = super::share(u64::MAX, |share| share);
        let ends = (shares.first().map(|one| one.start), shares.last().map(|one| one.end));
        assert_eq!(ends, (Some(0), Some(u64::MAX)));
    }
}
