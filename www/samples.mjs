// Copies the gallery's artifacts from the fixtures, which tests/make_fixtures.py makes with the vendors' packages:
//
//   node www/samples.mjs [folder of fixtures]
//
// The copies in www/samples/ go into the module (src/web/samples.rs). They are never edited by hand.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = process.argv[2] ?? join(here, "..", "tests", "fixtures");

const SAMPLES = {
  "heso-receipt.json": "heso/valid/l0-pretty.json",
  "heso-receipt-altered.json": "heso/invalid/content-changed.json",
  "heso-approved-receipt.json": "heso/valid/l1.json",
  "heso-approved-receipt-altered.json": "heso/invalid/approver-signature-changed.json",
  "heso-session-chain.json": "heso/valid/chain.json",
  "heso-session-chain-altered.json": "heso/invalid/chain-link-missing.json",
  "heso-evidence-bundle.tar": "heso/valid/bundle.tar",
  "heso-evidence-bundle-altered.tar": "heso/invalid/bundle-content-changed.tar",
  "thessor-export.zip": "thessor/small.zip",
  "thessor-export-altered.zip": "thessor/small-altered.zip",
};

mkdirSync(join(here, "samples"), { recursive: true });
for (const [sample, fixture] of Object.entries(SAMPLES)) copyFileSync(join(fixtures, fixture), join(here, "samples", sample));
