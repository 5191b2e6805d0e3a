// Copies the gallery's artifacts from the fixtures, which tests/fixtures/*/make.py make, with the vendors' packages where there are any:
//
//   node www/samples.mjs [folder of fixtures]
//
// The copies in www/samples/ are published beside the page, and src/web/page/samples.rs describes them. They are never edited by hand.
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
  "thessor-ml-dsa.zip": "thessor/fips-204.zip",
  "thessor-ml-dsa-altered.zip": "thessor/fips-204-altered.zip",
  "thessor-packet.json": "thessor/packets/good.json",
  "thessor-packet-altered.json": "thessor/packets/altered.json",
  "thessor-packet-input.json": "thessor/packets/input.json",
  "complianceguard-event.json": "complianceguard/request.json",
  "complianceguard-event-altered.json": "complianceguard/reference-altered.json",
  "complianceguard-input.json": "complianceguard/input.json",
  "complianceguard-output.json": "complianceguard/output.json",
  "complianceguard-metadata.json": "complianceguard/metadata.json",
  "complianceguard-encrypted.json": "complianceguard/sealed.json",
  "complianceguard-encrypted-altered.json": "complianceguard/altered.json",
  "aegis-session.ndjson": "aegis/go-chain.ndjson",
  "aegis-session-altered.ndjson": "aegis/go-chain-altered.ndjson",
  "aegis-stored-page.json": "aegis/stored-page.json",
  "aegis-stored-page-altered.json": "aegis/stored-page-altered.json",
  "aegis-skill.zip": "aegis/skill.zip",
  "aegis-skill-altered.zip": "aegis/skill-altered.zip",
  "thoth-events.json": "thoth/events.json",
  "thoth-events-altered.json": "thoth/content-edited.json",
  "thoth-receipts.ndjson": "thoth/receipts.ndjson",
  "thoth-receipts-altered.ndjson": "thoth/receipts-edited.ndjson",
};

mkdirSync(join(here, "samples"), { recursive: true });
for (const [sample, fixture] of Object.entries(SAMPLES)) copyFileSync(join(fixtures, fixture), join(here, "samples", sample));
