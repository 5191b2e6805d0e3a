// The page's first module is built without the feature `complete`. On every fixture it says what the whole verifier says, or
// that another part is needed: never something else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const fixtures = readdirSync(join(root, "tests/fixtures"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".py"))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();

// One run a file: files that are handed over together are held against each other.
function report(program, ...args) {
  const run = spawnSync(program, ["verify", "--json", "--full", ...args], { encoding: "utf8", maxBuffer: 1 << 30 });
  assert.ok([0, 1, 2, 3].includes(run.status), `${program}: ${run.error ?? run.stderr}`);
  return run.stdout;
}

for (const [what, options] of [
  ["alone", []],
  ["with everything that could be supplied", ["--set", "user_id=u1", "--set", "patient_id=p1", "--with", `input=${join(root, "README.md")}`, "--payload-key", "00".repeat(32)]],
]) {
  test(`the first part says what the whole says, or that it needs another (${what})`, (context) => {
    let needed = 0;
    for (const fixture of fixtures) {
      const first = report(join(target, "base/debug/assay"), ...options, fixture);
      if (JSON.parse(first).refusal?.code === "PART_NEEDED") needed += 1;
      else assert.equal(first, report(join(target, "debug/assay"), ...options, fixture), fixture);
    }
    context.diagnostic(`${fixtures.length} fixtures, ${needed} of them for the other part`);
    assert.ok(fixtures.length > needed);
  });
}
