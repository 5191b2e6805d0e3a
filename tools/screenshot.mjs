// Takes the README's picture of the page: the report on one of the gallery's samples.
// Usage: node tools/screenshot.mjs FILE [light|dark] [WIDTH] [SAMPLE]
import { open, scope } from "../tests/e2e/harness.mjs";

const [file, colorScheme = "light", width = "1100", sample] = process.argv.slice(2);
const run = scope();
const { page } = await open(run, { colorScheme, viewport: { width: Number(width), height: 900 }, deviceScaleFactor: 1.5 });
const button = sample ? page.locator(`[data-assay-sample="${sample}"]`) : page.locator("[data-assay-sample]").first();
await button.click();
await page.locator("[data-assay-report][data-verdict]").waitFor();
await page.evaluate(() => document.activeElement?.blur());
await page.screenshot({ path: file });
await run.end();
