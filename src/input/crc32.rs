//! CRC-32 (ISO 3309; PKWARE's APPNOTE.TXT 6.3.10, section 4.4.7), eight bytes at a time. Its tables are made at run time:
//! carried in the program, they would be a twentieth of what the page transfers.

/// The reversed polynomial.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The tables: the first for one byte, each further one for a byte that stands one place earlier.
#[derive(Debug)]
pub struct Crc32 {
    tables: [[u32; 256]; 8],
}

impl Crc32 {
    /// Makes the tables.
    pub fn new() -> Self {
        let mut crc = Self {
            tables: [[0; 256]; 8],
        };
        let mut previous: [u32; 256] = std::array::from_fn(|byte| {
            (0..8).fold(byte as u32, |rest, _| {
                (rest >> 1) ^ if rest & 1 == 1 { POLYNOMIAL } else { 0 }
            })
        });
        let first = previous;
        for table in &mut crc.tables {
            *table = previous;
            previous = previous.map(|rest| (rest >> 8) ^ at(&first, rest));
        }
        crc
    }

    /// The checksum of `bytes`.
    pub fn of(&self, bytes: &[u8]) -> u32 {
        let [t0, t1, t2, t3, t4, t5, t6, t7] = &self.tables;
        let (blocks, rest) = bytes.as_chunks::<8>();
        let mut crc = u32::MAX;
        for &[a, b, c, d, e, f, g, h] in blocks {
            let front = crc ^ u32::from_le_bytes([a, b, c, d]);
            crc = at(t7, front)
                ^ at(t6, front >> 8)
                ^ at(t5, front >> 16)
                ^ at(t4, front >> 24)
                ^ at(t3, e.into())
                ^ at(t2, f.into())
                ^ at(t1, g.into())
                ^ at(t0, h.into());
        }
        for byte in rest {
            crc = (crc >> 8) ^ at(t0, crc ^ u32::from(*byte));
        }
        !crc
    }
}

/// The table's value for the lowest byte of `index`; there always is one.
fn at(table: &[u32; 256], index: u32) -> u32 {
    table
        .get((index & 0xff) as usize)
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Crc32;

    /// From zlib's `crc32`, and its check value; of every length around a block.
    #[test]
    fn checksums_are_zlibs() {
        let crc = Crc32::new();
        for (text, sum) in [
            ("", 0),
            ("a", 0xe8b7_be43),
            ("1234567", 0x5003_699f),
            ("12345678", 0x9ae0_daaf),
            ("123456789", 0xcbf4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414f_a339),
        ] {
            assert_eq!(crc.of(text.as_bytes()), sum, "{text}");
        }
    }
}
