// Measures the page in headless Chromium: from drop to report, the program's memory, and tasks that held up the page's main thread.
//
//     node benches/browser.mjs FOLDER      after benches/evidence.py FOLDER, `make dist` and `cargo build --release`
//
// The ratio is to the command line on one core with the same file; the two take turns.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { open, root, scope } from "../tests/e2e/harness.mjs";

const ROUNDS = 11;
const folder = process.argv[2];
const run = scope();
const unpacked = JSON.parse(readFileSync(join(folder, "unpacked.json"), "utf8"));
const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release", "assay");

const spread = (values, digits) => {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((value) => value.toFixed(digits)).join(" / ");
};

function nativeSeconds(name) {
  const started = performance.now();
  const run = spawnSync("taskset", ["-c", "0", program, "verify", "--json", join(folder, name)], { stdio: "ignore" });
  if (run.status !== 0) throw new Error(`${name}: ${program} gave ${run.error ?? run.status}`);
  return (performance.now() - started) / 1000;
}

async function measure(name) {
  const { page } = await open(run);
  await page.evaluate(({ name, base64 }) => {
    globalThis.evidence = new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], name);
    globalThis.held = [];
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => globalThis.held.push(duration))).observe({ type: "longtask" });
  }, { name, base64: readFileSync(join(folder, name)).toString("base64") });
  // What getting the file into the page took is not the page's own work.
  await page.waitForTimeout(1000);
  await page.evaluate(() => { globalThis.held.length = 0; });

  const seconds = [];
  const ratios = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const taken = await page.evaluate(() => new Promise((done) => {
      const started = performance.now();
      const watch = new MutationObserver(() => {
        const verdict = document.querySelector("[data-assay-report][data-verdict]")?.dataset.verdict;
        if (!verdict) return;
        watch.disconnect();
        done(verdict === "valid" ? (performance.now() - started) / 1000 : verdict);
      });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true });
      const transfer = new DataTransfer();
      transfer.items.add(globalThis.evidence);
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }));
    if (typeof taken !== "number") throw new Error(`${name}: ${taken}`);
    // The first round warms up, as it does natively.
    const native = nativeSeconds(name);
    if (round > 0) {
      seconds.push(taken);
      ratios.push(taken / native);
    }
    await page.getByRole("button", { name: `Remove: ${name}` }).click();
  }
  await page.waitForTimeout(200);
  const held = await page.evaluate(() => globalThis.held);
  // Linear memory never shrinks, so what it is now is the most that it was: the page's own and that of every worker together.
  const linear = async () => (await wasm_bindgen()).memory.buffer.byteLength;
  const each = await Promise.all([page, ...page.workers()].map((instance) => instance.evaluate(linear)));
  const memory = each.reduce((sum, bytes) => sum + bytes, 0);
  await page.close();
  console.log(`| ${name} | ${spread(seconds, 3)} | ${spread(ratios, 2)} | ${(memory / unpacked[name]).toFixed(2)} | ${held.length ? spread(held, 0) + " ms" : "none"} |`);
}

console.log(`seconds and ratios as min / median / max of ${ROUNDS} rounds\n`);
console.log("| file | from drop to report | to native, one thread | linear memory, to the unpacked input | main-thread tasks over 50 ms |");
console.log("|---|---|---|---|---|");
for (const name of Object.keys(unpacked)) await measure(name);
await run.end();

const transfer = (isPart) => readdirSync(join(root, "dist")).filter((name) => isPart.test(name))
  .reduce((sum, name) => sum + brotliCompressSync(readFileSync(join(root, "dist", name))).length, 0);
console.log(`\nA first visit transfers ${transfer(/^(index|assay-)/)} bytes (brotli), the second part of the verifier ${transfer(/^complete-/)}.`);
