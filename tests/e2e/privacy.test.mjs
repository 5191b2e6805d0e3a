// Nothing leaves: what the page requests, what it works without, and what it refuses to run.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { closeBrowser, dist, download, drop, fixture, judge, open, report, tampered, text, useSecondPart, verdict } from "./harness.mjs";

after(closeBrowser);

const good = fixture("thessor/good.zip");

test("the page asks for its own files alone, by GET, without a query or a body, and for none while it verifies", async (t) => {
  const { page, base, network, errors, violations } = await open(t);
  const own = readdirSync(dist, { recursive: true }).map((name) => base + name).concat(base);
  assert.equal(network().length, 2);
  await useSecondPart(page);
  const loading = network().length;
  await drop(page, [good, fixture("thessor/altered.zip"), text("unknown.json", '{"secret": "kept"}')]);
  await verdict(page, "unknown.json");
  await verdict(page, good.name);
  await page.getByLabel("Public key to pin").fill("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  await page.getByRole("button", { name: "Pin this key" }).click();
  await page.locator('[data-verdict="invalid"] [data-pinned="false"]').first().waitFor();
  await download(page, report(page, good.name));
  assert.equal(network().length, loading);
  await page.locator("[data-assay-sample]").first().click();
  await report(page, await page.locator("[data-assay-sample]").first().getAttribute("data-assay-sample")).waitFor();
  assert.equal(network().length, loading + 1);
  for (const { method, url, body } of network()) {
    assert.equal(method, "GET");
    assert.equal(body, null);
    assert.ok(own.includes(url), url);
  }
  assert.deepEqual(await violations(), []);
  assert.deepEqual(errors, []);
});

test("the program is pinned by the page, and the page allows nothing from elsewhere", () => {
  const index = readFileSync(join(dist, "index.html"), "utf8");
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(index)[1];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /https?:|\*|'unsafe-inline'|'unsafe-eval'/);
  const integrity = JSON.parse(/const files = (\{.*?\});/.exec(index)[1]);
  const others = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "index.html")
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  assert.deepEqual(Object.keys(integrity).sort(), others.map((path) => relative(dist, path)).sort());
  for (const path of others) {
    assert.equal(integrity[relative(dist, path)], `sha384-${createHash("sha384").update(readFileSync(path)).digest("base64")}`);
  }
  assert.doesNotMatch(index.replaceAll("http://www.w3.org/", ""), /(src|href)="(https?:)?\/\//);
});

test("a request to anywhere else is stopped by the policy", async (t) => {
  const { page, base, violations } = await open(t);
  const origin = new URL(base);
  origin.hostname = "localhost";
  const sent = await page.evaluate((url) => fetch(url).then(() => true, () => false), origin.href);
  assert.equal(sent, false);
  assert.equal((await violations()).length, 1);
});

test("after loading, the page verifies without a network what its first part verifies", async (t) => {
  const { page, context, errors } = await open(t);
  await context.setOffline(true);
  await page.getByText("second part of the verifier").filter({ hasText: "offline" }).waitFor();
  assert.equal(await judge(page, good), "valid");
  assert.equal(await judge(page, fixture("thessor/altered.zip")), "invalid");
  assert.deepEqual(errors, []);
});

test("nothing is kept in the browser", async (t) => {
  const { page, context } = await open(t);
  await judge(page, good);
  assert.deepEqual(await context.cookies(), []);
  const kept = await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length]);
  assert.deepEqual(kept, [0, 0, 0, 0]);
});

test("a module with one byte changed does not start, and the page says so plainly", async (t) => {
  const { page } = await tampered(t, (name) => /^assay.*wasm$/.test(name), (bytes) => {
    // In the data at the end: the module would still be well formed.
    bytes[bytes.length - 20] ^= 1;
    return bytes;
  });
  await page.getByRole("alert").filter({ hasText: "did not start" }).waitFor();
  assert.match(await page.locator("#failure").innerText(), /not what this page was published with/);
  assert.equal(await page.locator("input[type=file]").count(), 0);
});

test("a script with one byte changed does not start, and the page says so plainly", async (t) => {
  const { page, violations } = await tampered(t, (name) => name === "index.html", (bytes) => {
    const text = bytes.toString();
    const changed = text.replace(/(<script id="verifier">[^]*?)wasm_bindgen/, "$1wasm_bindgem");
    assert.notEqual(changed, text);
    return changed;
  });
  await page.getByText("Nothing has been verified").first().waitFor();
  assert.equal((await violations()).length, 1);
  assert.equal(await page.locator("input[type=file]").count(), 0);
});
