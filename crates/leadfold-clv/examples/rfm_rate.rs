//! How long does it take from purchases to a fit?
//! `cargo run --release -p leadfold-clv --example rfm_rate -- 10000000 dense` (or `hashed`).
//!
//! Customers buy as BG/NBD says, in the order of days. First all purchases are folded on one
//! thread; then two threads fold, group and count half of the customers each, and one model is
//! fitted to the sum.

#[path = "../tests/shared/simulated.rs"]
#[allow(dead_code, reason = "it takes the dice")]
mod simulated;

use std::error::Error;
use std::time::Instant;

use leadfold_clv::{BadPurchase, BgNbd, Counts, Day, History, Patterns, Recencies, RecenciesByKey};

/// r, alpha in weeks, a and b: CDNOW's, but twice as quick.
const TRUE: [f64; 4] = [0.2426, 1.4, 0.793, 2.426];
/// The last day.
const END: i32 = 272;
const THREADS: usize = 2;

/// A purchase of the log. A customer's number over the threads is dense in its half.
#[derive(Clone, Copy)]
struct Bought {
    customer: u32,
    day: u16,
    cents: u16,
}

/// Of a log, and by how many bits its customers' numbers are too long to be dense.
type Fold = fn(&[Bought], u32) -> Result<([f64; 2], Counts), BadPurchase>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let customers: usize = arguments.next().map_or(Ok(100_000), |n| n.parse())?;
    let fold: Fold = match arguments.next().as_deref() {
        Some("hashed") => hashed,
        _ => dense,
    };
    let halves = simulate(customers);
    let purchases: usize = halves.iter().map(Vec::len).sum();
    println!("{customers} customers, {purchases} purchases");
    let before = memory("VmRSS:");
    let start = Instant::now();
    let patterns = in_two(&halves, fold)?;
    let grouped = start.elapsed().as_secs_f64();
    let fit = BgNbd::fit(&patterns)?;
    let whole = start.elapsed().as_secs_f64();
    let peak = (memory("VmHWM:") - before) / customers as f64;
    println!("two threads: folded and grouped {grouped:.3} s, with the fit {whole:.3} s");
    println!("{} histories, digest {:016x}", patterns.rows().len(), digest(&patterns));
    println!("{:?}, {:?}, {} evaluations", fit.model, fit.convergence, fit.evaluations);
    println!("memory at peak: {peak:.1} bytes a customer");
    let all = in_one(halves);
    let (seconds, counts) = fold(&all, 0)?;
    let [wall, busy] = seconds.map(|seconds| purchases as f64 / seconds / 1e6);
    println!("one thread: {wall:.1} M purchases/s, {busy:.1} by the time of the processor");
    println!("digest {:016x}", digest(&grouped_at_end(&counts)?));
    Ok(())
}

fn in_two(halves: &[Vec<Bought>], fold: Fold) -> Result<Patterns, Box<dyn Error>> {
    let counts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            halves.iter().map(|half| scope.spawn(|| fold(half, THREADS.ilog2()))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    });
    let mut sum = Counts::default();
    for part in counts {
        sum.merge(&part?.1);
    }
    grouped_at_end(&sum)
}

fn grouped_at_end(counts: &Counts) -> Result<Patterns, Box<dyn Error>> {
    Ok(counts.patterns(Day(END), 7.0)?)
}

/// The seconds that the fold takes, of the clock and of the processor, and the counts.
fn dense(log: &[Bought], shift: u32) -> Result<([f64; 2], Counts), BadPurchase> {
    let start = (Instant::now(), busy());
    let mut customers = Recencies::default();
    customers.buy_all(log.iter().map(|bought| {
        (bought.customer >> shift, Day(i32::from(bought.day)), i64::from(bought.cents))
    }))?;
    let seconds = [start.0.elapsed().as_secs_f64(), busy() - start.1];
    Ok((seconds, counted(customers.histories())))
}

fn hashed(log: &[Bought], _: u32) -> Result<([f64; 2], Counts), BadPurchase> {
    let start = (Instant::now(), busy());
    let mut customers = RecenciesByKey::default();
    customers.buy_all(log.iter().map(|bought| {
        // As if drawn: the numbers themselves would fill the table in order.
        let key = (u64::from(bought.customer) ^ 0x5eed).wrapping_mul(0xd134_2543_de82_ef95);
        (key, Day(i32::from(bought.day)), i64::from(bought.cents))
    }))?;
    let seconds = [start.0.elapsed().as_secs_f64(), busy() - start.1];
    Ok((seconds, counted(customers.histories())))
}

fn counted(histories: impl Iterator<Item = (u64, History)>) -> Counts {
    let start = Instant::now();
    let counts = histories.map(|(_, history)| history).collect();
    println!("counted in {:.3} s", start.elapsed().as_secs_f64());
    counts
}

/// The purchases of each half of the customers, by days.
fn simulate(customers: usize) -> Vec<Vec<Bought>> {
    let half = |part: usize| {
        let mut dice = simulated::Dice(0x9e37_79b9_7f4a_7c15 + part as u64);
        let mut log = Vec::new();
        (part..customers).step_by(THREADS).for_each(|one| customer(&mut dice, one, &mut log));
        log.sort_unstable_by_key(|bought: &Bought| (bought.day, bought.customer.reverse_bits()));
        log
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|part| scope.spawn(move || half(part))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    })
}

fn customer(dice: &mut simulated::Dice, number: usize, log: &mut Vec<Bought>) {
    let rate = dice.gamma(TRUE[0]) / (7.0 * TRUE[1]);
    let (stay, leave) = (dice.gamma(TRUE[3]), dice.gamma(TRUE[2]));
    let leaves = leave / (stay + leave);
    let mut now = 172.0 * dice.next();
    while now < f64::from(END) {
        let cents = (1_000.0 + 4_000.0 * dice.next()) as u16;
        log.push(Bought { customer: number as u32, day: now as u16, cents });
        let is_first = log.len() < 2 || log[log.len() - 2].customer != number as u32;
        if !is_first && dice.next() < leaves {
            break;
        }
        now -= dice.next().ln() / rate;
    }
}

fn in_one(halves: Vec<Vec<Bought>>) -> Vec<Bought> {
    let mut all: Vec<Bought> = halves.into_iter().flatten().collect();
    all.sort_unstable_by_key(|bought| (bought.day, bought.customer.reverse_bits()));
    all
}

/// FNV-1a (Fowler, Noll and Vo).
fn digest(patterns: &Patterns) -> u64 {
    let numbers = patterns
        .rows()
        .iter()
        .flat_map(|row| [u64::from(row.x), row.t_x.to_bits(), row.t.to_bits(), row.customers]);
    let bytes = numbers.flat_map(u64::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Seconds that this thread has had a processor, to a few thousandths; no number where the kernel
/// does not tell.
fn busy() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.map_or(f64::NAN, |nanos| nanos / 1e9)
}

/// Bytes, of the kernel's account of this process; no number where there is none.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| 1024.0 * kib)
}
