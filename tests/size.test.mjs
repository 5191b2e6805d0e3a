// A first visit stays small: every file of the site, compressed as a server would send it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const BUDGET = 300_000;

test(`a first visit transfers at most ${BUDGET} bytes`, (context) => {
  const dist = fileURLToPath(new URL("../dist", import.meta.url));
  const sizes = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, brotliCompressSync(readFileSync(join(entry.parentPath ?? entry.path, entry.name))).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  context.diagnostic(`${total} bytes: ${sizes.map((size) => size.join(" ")).join(", ")}`);
  assert.ok(sizes.length >= 2 && total > 10_000, "dist/ is not built");
  assert.ok(total <= BUDGET, `${total} bytes`);
});
