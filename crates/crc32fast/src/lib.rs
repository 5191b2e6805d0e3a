//! CRC-32 as ZIP has it (PKWARE's APPNOTE.TXT 6.3.10, section 4.4.7), behind the interface of the crate whose name this bears.
#![forbid(unsafe_code)]

use std::sync::OnceLock;

/// The polynomial, its bits in reverse.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// Bytes taken at a time, each with a table of its own.
const SLICE: usize = 8;

type Table = [u32; 256];

/// For each byte and each number of zero bytes after it, what it makes of the checksum.
fn tables() -> &'static [Table; SLICE] {
    static TABLES: OnceLock<[Table; SLICE]> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = [[0; 256]; SLICE];
        for byte in 0..=255_u8 {
            let mut sum = u32::from(byte);
            for _ in 0..8 {
                let carry = if sum & 1 == 1 { POLYNOMIAL } else { 0 };
                sum = (sum >> 1) ^ carry;
            }
            tables[0][usize::from(byte)] = sum;
        }
        for zeros in 1..SLICE {
            for byte in 0..256 {
                let before = tables[zeros - 1][byte];
                tables[zeros][byte] = (before >> 8) ^ tables[0][low(before)];
            }
        }
        tables
    })
}

fn low(sum: u32) -> usize {
    usize::from(sum.to_le_bytes()[0])
}

/// The checksum of `bytes`.
pub fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

/// Takes bytes and gives their checksum.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    sum: u32,
    amount: u64,
}

impl Hasher {
    /// The checksum of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from a checksum.
    pub fn new_with_initial(sum: u32) -> Self {
        Self::new_with_initial_len(sum, 0)
    }

    /// Goes on from the checksum of `amount` bytes.
    pub fn new_with_initial_len(sum: u32, amount: u64) -> Self {
        Self { sum, amount }
    }

    /// Takes further bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let tables = tables();
        let mut sum = !self.sum;
        let (slices, rest) = bytes.as_chunks::<SLICE>();
        for slice in slices {
            let mut mixed = *slice;
            for (byte, sum) in mixed.iter_mut().zip(sum.to_le_bytes()) {
                *byte ^= sum;
            }
            sum = mixed
                .iter()
                .zip(tables.iter().rev())
                .fold(0, |sum, (byte, table)| sum ^ table[usize::from(*byte)]);
        }
        for byte in rest {
            sum = (sum >> 8) ^ tables[0][low(sum ^ u32::from(*byte))];
        }
        self.sum = !sum;
        self.amount = self.amount.wrapping_add(bytes.len() as u64);
    }

    /// The checksum.
    pub fn finalize(self) -> u32 {
        self.sum
    }

    /// Begins anew.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// Goes on as if the bytes that `next` took had come after these.
    pub fn combine(&mut self, next: &Self) {
        let table = tables()[0];
        for _ in 0..next.amount {
            self.sum = (self.sum >> 8) ^ table[low(self.sum)];
        }
        self.sum ^= next.sum;
        self.amount = self.amount.wrapping_add(next.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::{Hasher, hash};

    #[test]
    fn the_check_value_comes_out() {
        assert_eq!(hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(hash(b""), 0);
    }

    #[test]
    fn it_matters_neither_where_the_bytes_are_cut_nor_whether_their_sums_are_combined() {
        let bytes: Vec<u8> = (0..100_u8).map(|byte| byte.wrapping_mul(37)).collect();
        for cut in 0..bytes.len() {
            let (start, end) = bytes.split_at(cut);
            let mut whole = Hasher::new();
            whole.update(start);
            let mut combined = whole.clone();
            whole.update(end);
            let mut rest = Hasher::new();
            rest.update(end);
            combined.combine(&rest);
            assert_eq!(whole.finalize(), hash(&bytes), "{cut}");
            assert_eq!(combined.finalize(), hash(&bytes), "{cut}");
        }
    }
}
