// The second part of the verifier: when it is loaded, what it takes to be run, and what the page does without it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { closeBrowser, commandLine, dist, download, drop, fixture, judge, open, report, tampered, useSecondPart, verdict } from "./harness.mjs";

after(closeBrowser);

const first = fixture("thessor/good.zip");
const second = fixture("thessor/fips-204.zip");
/** What an automated visitor never does by itself. */
const NO_PREFETCH = () => Object.defineProperty(navigator, "connection", { value: { saveData: true } });

const ofSecondPart = (network) => network().map(({ url }) => url.split("/").pop()).filter((name) => /^complete-/.test(name));
const state = (page, file, state) => page.locator(`[data-assay-report][data-file="${file.name}"][data-state="${state}"]`);

test("nothing but the first part is loaded until the visitor begins to use the page", async (t) => {
  const { page, network } = await open(t);
  await page.waitForTimeout(500);
  assert.equal(network().length, 2);
  await useSecondPart(page);
  assert.deepEqual(ofSecondPart(network).map((name) => name.split(".").pop()).sort(), ["js", "wasm"]);
  await page.keyboard.press("Shift");
  await judge(page, second);
  assert.equal(network().length, 4);
});

test("whoever asked their browser to save data gets the second part only when evidence calls for it", async (t) => {
  const { page, network, errors } = await open(t, { script: NO_PREFETCH });
  await page.keyboard.press("Shift");
  assert.equal(await judge(page, first), "valid");
  assert.deepEqual(ofSecondPart(network), []);
  assert.equal(await judge(page, second), "valid");
  assert.equal(ofSecondPart(network).length, 2);
  assert.equal(await download(page, report(page, second.name)), commandLine("thessor/fips-204.zip"));
  // Files of the first part get the same report from the second.
  await page.getByRole("button", { name: `Remove: ${first.name}`, exact: true }).click();
  assert.equal(await judge(page, first), "valid");
  assert.equal(await download(page, report(page, first.name)), commandLine("thessor/good.zip"));
  assert.equal(ofSecondPart(network).length, 2);
  assert.deepEqual(errors, []);
});

test("while the second part is on its way, the file says so, and can be cancelled", async (t) => {
  const { page } = await open(t, { script: NO_PREFETCH });
  let arrive;
  const held = new Promise((resolve) => { arrive = resolve; });
  await page.route(/complete-.*wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  const kilobytes = await page.locator("meta[name=assay-complete]").getAttribute("data-kilobytes");
  await drop(page, [second]);
  await state(page, second, "loading").getByText(`Fetching the second part of the verifier (${kilobytes} KB)`).waitFor();
  // Meanwhile the first part is at hand.
  assert.equal(await judge(page, first), "valid");
  await page.getByRole("button", { name: `Cancel: ${second.name}` }).click();
  await state(page, second, "cancelled").waitFor();
  await page.getByRole("button", { name: `Verify again: ${second.name}` }).click();
  await state(page, second, "loading").waitFor();
  arrive();
  assert.equal(await verdict(page, second.name), "valid");
});

test("the report names the program that made it", async (t) => {
  const { page } = await open(t);
  const digest = (name) => page.locator(`meta[name=${name}]`).getAttribute("content");
  const [base, complete] = [await digest("assay-build"), await digest("assay-complete")];
  assert.notEqual(base, complete);
  const build = async (file) => (await report(page, file.name).locator(".identity").textContent()).replaceAll(/\s/g, "");
  await judge(page, first);
  assert.ok((await build(first)).includes(base));
  await judge(page, second);
  assert.ok((await build(second)).includes(complete));
});

test("once used, the page verifies everything without a network", async (t) => {
  const { page, context, errors } = await open(t);
  await useSecondPart(page);
  await context.setOffline(true);
  await page.getByText("This device is offline. Verification works the same.").waitFor();
  assert.equal(await judge(page, second), "valid");
  assert.equal(await judge(page, first), "valid");
  assert.deepEqual(errors, []);
});

test("a file that needs the second part is not judged while it cannot be had, and is on retry", async (t) => {
  const { page, context } = await open(t);
  await context.setOffline(true);
  await drop(page, [second, first]);
  await state(page, second, "not judged").getByText("second part of this page, which could not be loaded").waitFor();
  assert.equal(await verdict(page, first.name), "valid");
  assert.equal(await report(page, second.name).count(), 0);
  await page.getByRole("button", { name: `Retry: ${second.name}` }).click();
  await state(page, second, "not judged").getByText("This device is offline").waitFor();
  await context.setOffline(false);
  await page.getByRole("button", { name: `Retry: ${second.name}` }).click();
  assert.equal(await verdict(page, second.name), "valid");
});

for (const [what, isIt] of [["module", (name) => /^complete-.*wasm$/.test(name)], ["script", (name) => /^complete-.*js$/.test(name)]]) {
  test(`a second part whose ${what} has one byte changed is never run`, async (t) => {
    const change = (bytes) => {
      bytes[bytes.length - 20] ^= 1;
      return bytes;
    };
    const { page } = await tampered(t, isIt, change, { ready: true });
    await drop(page, [second]);
    await state(page, second, "not judged").getByText("not what this page was published with").waitFor();
    assert.equal(await report(page, second.name).count(), 0);
    // The first part goes on working.
    assert.equal(await judge(page, first), "valid");
  });
}

test("a sample that was changed is not opened, and the page says so", async (t) => {
  const { page } = await tampered(t, (name) => name === "samples/heso-receipt.json", (bytes) => Buffer.concat([bytes, Buffer.from(" ")]), { ready: true });
  await page.locator('[data-assay-sample="heso-receipt.json"]').click();
  await page.getByRole("alert").filter({ hasText: "not what this page was published with" }).waitFor();
  assert.equal(await page.locator("[data-assay-report]").count(), 0);
});

test("the size that the page gives for the second part is what it transfers", async (t) => {
  const { page, network } = await open(t);
  const { brotliCompressSync } = await import("node:zlib");
  await useSecondPart(page);
  const transferred = ofSecondPart(network).reduce((sum, name) => sum + brotliCompressSync(readFileSync(join(dist, name))).length, 0);
  assert.equal(Number(await page.locator("meta[name=assay-complete]").getAttribute("data-kilobytes")), Math.ceil(transferred / 1000));
});
