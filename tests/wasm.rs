//! The same report in the browser as natively, byte for byte: this file's one test runs in both.
//! `ASSAY_WRITE=1 cargo test --test wasm` writes the reports of tests/golden anew; read the difference before committing it.
#![allow(clippy::unwrap_used)]

use assay::{Input, Options, Refusal, verify};

macro_rules! goldens {
    ($($file:literal => $golden:literal),+ $(,)?) => {
        &[$((
            $file,
            include_bytes!(concat!("fixtures/", $file)) as &[u8],
            concat!("tests/golden/", $golden),
            include_str!(concat!("golden/", $golden)),
        ),)+]
    };
}

/// Each a fixture, its bytes, and where its report stands, which ends in a line feed.
static GOLDENS: &[(&str, &[u8], &str, &str)] = goldens! {
    "heso/valid/l0.json" => "heso-receipt.json",
    "heso/valid/l1.json" => "heso-approved-receipt.json",
    "heso/invalid/chain-swapped.json" => "heso-chain-swapped.json",
    "heso/invalid/key-small-order.json" => "heso-small-order-key.json",
    "heso/indeterminate/quorum.json" => "heso-quorum.json",
    "thessor/good.zip" => "thessor-export.json",
    "thessor/altered.zip" => "thessor-export-altered.json",
    "thessor/zip-crc-damaged.zip" => "thessor-export-damaged.json",
    "thessor/packets/good.json" => "thessor-packet.json",
    "thessor/packets/altered.json" => "thessor-packet-altered.json",
    "../../LICENSE-MIT" => "refused.json",
};

fn report(file: &str, bytes: &[u8]) -> String {
    let name = file.rsplit('/').next().unwrap();
    let report = verify(Input { name, bytes }, &Options::default());
    report.unwrap_or_else(Refusal::into_report).to_json() + "\n"
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn reports_are_the_same_everywhere() {
    for (file, bytes, golden, expected) in GOLDENS {
        let found = report(file, bytes);
        #[cfg(not(target_arch = "wasm32"))]
        if std::env::var_os("ASSAY_WRITE").is_some() {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(golden);
            std::fs::write(path, &found).unwrap();
            continue;
        }
        assert_eq!(found, *expected, "{golden}");
    }
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
