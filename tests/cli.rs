//! The command line's transcripts: each file of tests/cmd holds what was typed, what was printed and the exit status.
//! `TRYCMD=overwrite cargo test --test cli` writes them anew; read the difference before committing it.
#![cfg(not(target_arch = "wasm32"))]

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .env("NO_COLOR", "1");
}
