//! Money: whole minor units of one currency, never a float and never a sum over currencies.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Currencies of ISO 4217 whose minor unit is not a hundredth, and the digits of it.
const DIGITS: [(&[u8; 3], u8); 27] = [
    (b"BHD", 3),
    (b"BIF", 0),
    (b"CLF", 4),
    (b"CLP", 0),
    (b"DJF", 0),
    (b"GNF", 0),
    (b"IQD", 3),
    (b"ISK", 0),
    (b"JOD", 3),
    (b"JPY", 0),
    (b"KMF", 0),
    (b"KRW", 0),
    (b"KWD", 3),
    (b"LYD", 3),
    (b"OMR", 3),
    (b"PYG", 0),
    (b"RWF", 0),
    (b"TND", 3),
    (b"UGX", 0),
    (b"UYI", 0),
    (b"UYW", 4),
    (b"VND", 0),
    (b"VUV", 0),
    (b"XAF", 0),
    (b"XOF", 0),
    (b"XPF", 0),
    (b"XXX", 0),
];

/// An ISO 4217 code: three capital letters.
///
/// ```
/// # use leadfold_core::Currency;
/// let eur: Currency = "EUR".parse()?;
/// assert_eq!(eur.to_string(), "EUR");
/// assert!("eur".parse::<Currency>().is_err());
/// # Ok::<(), leadfold_core::CurrencyError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Currency([u8; 3]);

impl Currency {
    /// `XXX`, ISO 4217 for "no currency": an amount that came without one.
    pub const NONE: Self = Self(*b"XXX");

    /// How many digits behind the point a minor unit is (ISO 4217): 2, but for the currencies that
    /// have none, three or four, and for no currency.
    ///
    /// ```
    /// # use leadfold_core::Currency;
    /// let digits = |code: &str| code.parse().map(Currency::digits);
    /// assert_eq!((digits("EUR")?, digits("JPY")?, digits("KWD")?), (2, 0, 3));
    /// assert_eq!(Currency::NONE.digits(), 0);
    /// # Ok::<(), leadfold_core::CurrencyError>(())
    /// ```
    pub fn digits(self) -> u8 {
        DIGITS.iter().find(|(known, _)| **known == self.0).map_or(2, |(_, digits)| *digits)
    }

    /// A dense code for columns of facts: the letters as a number in base 26, plus one.
    pub(crate) fn code(self) -> u16 {
        self.0.iter().fold(0, |code, letter| code * 26 + u16::from(letter - b'A')) + 1
    }

    /// The currency of a dense code; zero means that there was none.
    pub(crate) fn from_code(code: u16) -> Option<Self> {
        let code = code.checked_sub(1)?;
        let letter = |n: u16| b'A' + (n % 26) as u8;
        (code < 26 * 26 * 26).then(|| Self([letter(code / 676), letter(code / 26), letter(code)]))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| fmt::Write::write_char(f, char::from(*letter)))
    }
}

impl std::str::FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(CurrencyError { found: text.chars().take(8).collect() }),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Currency;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an ISO 4217 code such as EUR")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Currency, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A text that is no ISO 4217 code.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("bad currency: expected an ISO 4217 code of three capital letters, found {found:?}")]
pub struct CurrencyError {
    /// The first eight characters of what was found.
    pub found: String,
}

/// A total of one currency, in minor units. 128 bits, so that no log can overflow it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// Minor units (cents); negative where refunds exceed revenue.
    pub amount: i128,
}
