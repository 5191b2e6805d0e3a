// What a visit transfers stays small: the site's files, compressed as a server would send them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** What is transferred at a time, in bytes: at first; and when the visitor begins to use the page. */
const VISITS = [
  { what: "a first visit", budget: 300_000, files: 2, isPart: (name) => name === "index.html" || /^assay-.*\.wasm$/.test(name) },
  { what: "the second part", budget: 420_000, files: 2, isPart: (name) => /^complete-/.test(name) },
];

for (const { what, budget, files, isPart } of VISITS) {
  test(`${what} transfers at most ${budget} bytes`, (context) => {
    const sizes = readdirSync(dist)
      .filter(isPart)
      .map((name) => [name, brotliCompressSync(readFileSync(join(dist, name))).length]);
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    context.diagnostic(`${total} bytes: ${sizes.map((size) => size.join(" ")).join(", ")}`);
    assert.equal(sizes.length, files, "dist/ is not built");
    assert.ok(total > 10_000 && total <= budget, `${total} bytes`);
  });
}

test("nothing else is published but the gallery's samples", () => {
  const others = readdirSync(dist).filter((name) => !VISITS.some(({ isPart }) => isPart(name)));
  assert.deepEqual(others, ["samples"]);
});
