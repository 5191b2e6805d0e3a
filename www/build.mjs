// Trunk's post_build hook: turns Trunk's output into the published site, which is two files.
//
//   index.html          holds the style and the script; the content security policy names both by their SHA-256
//   assay-<hash>.wasm   named by its content; the script fetches it under its SHA-384
//
// Reads and writes TRUNK_STAGING_DIR, which Trunk sets. Needs nothing but Node.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const staging = process.env.TRUNK_STAGING_DIR;
if (!staging) throw new Error("TRUNK_STAGING_DIR is not set: run this through `trunk build`");

const digest = (algorithm, data, encoding) => createHash(algorithm).update(data).digest(encoding);
const source = (algorithm, data) => `${algorithm}-${digest(algorithm, data, "base64")}`;

/** Replaces the one occurrence of each `%NAME%`; more or fewer is an error. */
function fill(text, values) {
  for (const [name, value] of Object.entries(values)) {
    const parts = text.split(`%${name}%`);
    if (parts.length !== 2) throw new Error(`%${name}% occurs ${parts.length - 1} times, not once`);
    text = parts.join(value);
  }
  return text;
}

const module = readFileSync(join(staging, "assay_bg.wasm"));
const moduleSha256 = digest("sha256", module, "hex");
const moduleFile = `assay-${moduleSha256.slice(0, 16)}.wasm`;

const glue = readFileSync(join(staging, "assay.js"), "utf8");
const boot = fill(readFileSync("www/boot.js", "utf8"), { MODULE_FILE: moduleFile, MODULE_INTEGRITY: source("sha384", module) });
const script = `\n${glue}\n${boot}`;
if (/<\/script|<!--/i.test(script)) throw new Error("the script would end its own element");

const page = readFileSync(join(staging, "index.html"), "utf8");
const styles = [...page.matchAll(/<style[^>]*>([^]*?)<\/style>/g)];
if (styles.length !== 1) throw new Error(`expected one inlined style, found ${styles.length}`);
const index = fill(page, {
  SCRIPT_HASH: source("sha256", script),
  STYLE_HASH: source("sha256", styles[0][1]),
  MODULE_SHA256: moduleSha256,
  SCRIPT: script,
});

for (const file of readdirSync(staging)) rmSync(join(staging, file), { recursive: true });
writeFileSync(join(staging, "index.html"), index);
writeFileSync(join(staging, moduleFile), module);
