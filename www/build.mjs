// Trunk's post_build hook: turns Trunk's output into the published site.
//
//   index.html            holds the style and the script; the content security policy names both by their SHA-256
//   assay-<hash>.wasm     the page and the first part of the verifier
//   complete-<hash>.wasm  the second part, which verifies everything, for workers alone; it is built here
//   complete-<hash>.js    the second part's script
//   samples/              the gallery's artifacts
//
// The script in index.html fetches each of the others under its SHA-384. Reads and writes TRUNK_STAGING_DIR, which Trunk sets.
// Needs Node, and the cargo, wasm-bindgen and wasm-opt that Trunk needs.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const staging = process.env.TRUNK_STAGING_DIR;
if (!staging) throw new Error("TRUNK_STAGING_DIR is not set: run this through `trunk build`");

const digest = (algorithm, data, encoding) => createHash(algorithm).update(data).digest(encoding);
const source = (algorithm, data) => `${algorithm}-${digest(algorithm, data, "base64")}`;
const named = (stem, data, extension) => `${stem}-${digest("sha256", data, "hex").slice(0, 16)}.${extension}`;
const read = (...path) => readFileSync(join(...path));

/** Replaces the one occurrence of each `%NAME%`; more or fewer is an error. */
function fill(text, values) {
  for (const [name, value] of Object.entries(values)) {
    const parts = text.split(`%${name}%`);
    if (parts.length !== 2) throw new Error(`%${name}% occurs ${parts.length - 1} times, not once`);
    text = parts.join(value);
  }
  return text;
}

/** Without comments of their own lines and without indentation: every visitor would transfer them. The sources keep them. */
const plain = (text) => text.replace(/^\s*(\/\/.*|\/\*[^]*?\*\/)$/gm, "").replace(/^\s+/gm, "");

/** Builds the second part of the verifier as Trunk builds the first: { module, glue }. */
function buildComplete(optimiserOptions) {
  const target = process.env.CARGO_TARGET_DIR ?? "target";
  const out = mkdtempSync(join(tmpdir(), "assay-complete-"));
  const run = (program, ...options) => execFileSync(program, options, { stdio: ["ignore", "inherit", "inherit"] });
  try {
    run("cargo", "build", "--offline", "--locked", "--bin=assay", "--profile=web", "--target=wasm32-unknown-unknown",
      "--no-default-features", "--features=complete", `--target-dir=${target}`);
    run("wasm-bindgen", "--target=no-modules", "--no-typescript", "--out-name=complete", `--out-dir=${out}`,
      join(target, "wasm32-unknown-unknown", "web", "assay.wasm"));
    const module = join(out, "complete_bg.wasm");
    run("wasm-opt", "-Os", ...optimiserOptions, `--output=${module}`, module);
    return { module: read(module), glue: read(out, "complete.js").toString() };
  } finally {
    rmSync(out, { recursive: true });
  }
}

const published = {};
const publish = (name, data) => {
  published[name] = data;
  return name;
};

const module = read(staging, "assay_bg.wasm");
const moduleFile = publish(named("assay", module, "wasm"), module);

const optimiserOptions = /data-wasm-opt-params="([^"]*)"/.exec(read("index.html").toString())[1].split(" ");
const complete = buildComplete(optimiserOptions);
const starter = read("www/worker.js").toString();
const completeScript = Buffer.from(plain(`${complete.glue}\n${starter}`));
const completeFiles = {
  COMPLETE_MODULE: publish(named("complete", complete.module, "wasm"), complete.module),
  COMPLETE_SCRIPT: publish(named("complete", completeScript, "js"), completeScript),
};
const completeBytes = [complete.module, completeScript].reduce((sum, data) => sum + brotliCompressSync(data).length, 0);

for (const name of readdirSync("www/samples").sort()) publish(`samples/${name}`, read("www/samples", name));

const integrity = Object.fromEntries(Object.entries(published).map(([name, data]) => [name, source("sha384", data)]));
const boot = fill(read("www/boot.js").toString(), { FILES: JSON.stringify(integrity), MODULE: moduleFile, ...completeFiles });
const glue = read(staging, "assay.js").toString();
const script = plain(`${glue}\n${starter}\n${boot}`);
if (/<\/script|<!--/i.test(script)) throw new Error("the script would end its own element");

const page = read(staging, "index.html").toString().replace(/(<style[^>]*>)([^]*?)(<\/style>)/g, (_, start, style, end) => start + plain(style) + end);
const styles = [...page.matchAll(/<style[^>]*>([^]*?)<\/style>/g)];
if (styles.length !== 1) throw new Error(`expected one inlined style, found ${styles.length}`);
const index = fill(page, {
  SCRIPT_HASH: source("sha256", script),
  STYLE_HASH: source("sha256", styles[0][1]),
  MODULE_SHA256: digest("sha256", module, "hex"),
  COMPLETE_SHA256: digest("sha256", complete.module, "hex"),
  COMPLETE_KILOBYTES: Math.ceil(completeBytes / 1000),
  SCRIPT: script,
});

for (const file of readdirSync(staging)) rmSync(join(staging, file), { recursive: true });
cpSync("www/samples", join(staging, "samples"), { recursive: true });
writeFileSync(join(staging, "index.html"), index);
for (const [name, data] of Object.entries(published)) writeFileSync(join(staging, name), data);
