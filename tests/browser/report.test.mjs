// The HTML report in a browser. REPORTS is a directory with a directory for each report, as
// tests/browser/run makes it.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { find, launch } from "./chromium.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const reports = resolve(process.env.REPORTS ?? ".");
const names = readdirSync(reports).filter((name) => statSync(join(reports, name)).isDirectory()).sort();
const file = (name) => join(reports, name, "report.html");
const url = (name) => pathToFileURL(file(name)).href;
assert.ok(names.length > 0, `${reports} has no report`);

let browser;
before(async () => { browser = await launch(find()); });
after(() => browser.close());

/** A page on a report, closed in the end, that had no error and asked for nothing else. */
async function visit(name, look) {
  const page = await browser.page();
  try {
    await page.size(1280);
    await look(page, () => page.go(url(name)));
    assert.deepEqual(page.errors, []);
    assert.deepEqual(page.requests.filter((request) => request.split("#")[0] !== url(name)), []);
  } finally {
    await page.close();
  }
}

const shown = (selector) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].filter((e) => e.checkVisibility()).length`;

for (const name of names) {
  describe(name, () => {
    for (const scheme of ["light", "dark"]) {
      for (const width of [1280, 360]) {
        test(`axe finds nothing serious, ${scheme}, ${width} px`, () => visit(name, async (page, go) => {
          await page.size(width);
          await page.media({ "prefers-color-scheme": scheme });
          await go();
          // All is laid out, or axe would pass over what is far from the screen.
          await page.run("document.head.append(Object.assign(document.createElement('style'), { textContent: '* { content-visibility: visible !important }' }))");
          await page.run(axe);
          // The larger reports have the same elements as the others, only a hundred times.
          const context = statSync(file(name)).size > 1e6 ? "{ include: ['header', '.side', '#glance'] }" : "document";
          const found = await page.run(`axe.run(${context}).then((r) => r.violations.map((v) => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 200)]))`);
          assert.deepEqual(found.filter(([, impact]) => ["serious", "critical"].includes(impact)), []);
          for (const [id, impact, nodes] of found) console.log(`${name}, ${scheme}, ${width} px: ${id}, ${impact}, ${nodes} nodes`);
        }));
      }
    }

    test("no page is wider than the screen", () => visit(name, async (page, go) => {
      for (const width of [360, 768, 1280]) {
        await page.size(width);
        await go();
        assert.ok(await page.run("document.documentElement.scrollWidth <= innerWidth"), `${width} px`);
      }
    }));

    test("without JavaScript all is there and no control", () => visit(name, async (page, go) => {
      await page.script(false);
      await go();
      await page.script(true);
      const counts = await page.run(`[${shown(".controls, .filters, .sort, .axis, .tip")}, ${shown("figure svg")}, document.querySelectorAll("figure").length, ${shown("tbody tr")}, document.querySelectorAll("tbody tr").length]`);
      const [controls, drawings, figures, rows, all] = counts;
      assert.equal(controls, 0);
      assert.equal(drawings, figures);
      assert.equal(rows, all);
    }));

    test("opens fast", { skip: name !== "wide" && "only the largest says something" }, () => visit(name, async (page, go) => {
      await go();
      const times = await page.run(`(async () => {
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        const [n] = performance.getEntriesByType("navigation");
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        return { interactive: n.domInteractive, loaded: n.loadEventEnd, painted: paint?.startTime, ready: performance.now() };
      })()`);
      console.log(`${name}: ${(statSync(file(name)).size / 1e6).toFixed(1)} MB, ${JSON.stringify(times)} ms`);
      assert.ok(statSync(file(name)).size < 10e6);
    }));
  });
}

const rich = names.includes("large") ? "large" : names[0];

test("tables are sorted by value, by pointer and by keyboard", () => visit(rich, async (page, go) => {
  await go();
  const numbers = "[...document.querySelector('[id$=\"-table\"]').tBodies[0].rows].map((r) => parseFloat(r.cells[1].textContent))";
  await page.run("document.querySelector('[id$=\"-table\"] thead th:nth-child(2) button').focus()");
  await page.key("Enter");
  const up = await page.run(numbers);
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  assert.equal(await page.run("document.activeElement.parentElement.ariaSort"), "ascending");
  await page.run("document.activeElement.click()");
  assert.deepEqual(await page.run(numbers), [...up].reverse());
  assert.equal(await page.run("document.activeElement.parentElement.ariaSort"), "descending");
  assert.match(await page.run("document.querySelector('.status').textContent"), /descending/);
}));

test("a table is filtered and the count is said", () => visit(rich, async (page, go) => {
  await go();
  const [shownRows, said] = await page.run(`(() => {
    const box = document.querySelector(".filters");
    const input = box.querySelector("input");
    input.value = "vhost";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return [[...box.nextElementSibling.querySelectorAll("tbody tr:not([hidden])")].map((r) => r.textContent), box.querySelector("[role=status]").textContent];
  })()`);
  assert.ok(shownRows.length > 0 && shownRows.every((text) => text.includes("vhost")));
  assert.match(said, new RegExp(`^${shownRows.length} of \\d+`));
}));

test("an arm is hidden everywhere and comes back", () => visit(rich, async (page, go) => {
  await go();
  const seen = "[...document.querySelectorAll('[data-arm=\"sriov-vm\"]')].filter((e) => getComputedStyle(e).display !== 'none').length";
  const before = await page.run(seen);
  assert.ok(before > 10);
  await page.run("document.querySelector('.arms').open = true; document.querySelector('.arms input[value=\"sriov-vm\"]').click()");
  assert.equal(await page.run(seen), 0);
  assert.match(await page.run("document.querySelector('.status').textContent"), /^5 of 6/);
  await page.run("document.querySelector('.all').click()");
  assert.equal(await page.run(seen), before);
}));

test("figures tell their values by pointer and by keyboard", () => visit(rich, async (page, go) => {
  // Smooth scrolling would move marks away from the pointer.
  await page.media({ "prefers-reduced-motion": "reduce" });
  await go();
  const value = /: .*\[.*\].* n = \d+, 95 %$/;
  const tip = "[document.querySelector('.tip').hidden, document.querySelector('.tip').textContent]";
  await page.run("document.querySelector('figure .scroll').focus(); document.querySelector('figure').scrollIntoView()");
  await page.key("ArrowDown");
  const [hidden, first] = await page.run(tip);
  assert.equal(hidden, false);
  assert.match(first, value);
  await page.key("ArrowDown");
  const [, second] = await page.run(tip);
  assert.notEqual(second, first);
  await page.key("Escape");
  assert.equal((await page.run(tip))[0], true);
  const [x, y] = await page.run("(() => { const b = document.querySelector('figure .mark').getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()");
  await page.call("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  assert.deepEqual(await page.run(tip), [false, first]);
}));

test("an axis is switched", () => visit(rich, async (page, go) => {
  await go();
  const state = "(() => { const b = document.querySelector('.axis'); return [b.textContent, [...b.parentElement.querySelectorAll('[data-axis]')].find((d) => !d.hidden).dataset.axis]; })()";
  assert.deepEqual(await page.run(state), ["Logarithmic axis", "linear"]);
  await page.run("document.querySelector('.axis').click()");
  assert.deepEqual(await page.run(state), ["Linear axis", "logarithmic"]);
}));

test("a number leads to its logs and back", () => visit(rich, async (page, go) => {
  await go();
  await page.run("document.querySelector('[id$=\"-table\"] tbody th a').click()");
  await page.run("new Promise((done) => setTimeout(done, 100))");
  const [open, text] = await page.run("(() => { const t = document.getElementById(location.hash.slice(1)); return [t.closest('details').open, t.textContent]; })()");
  assert.equal(open, true);
  assert.match(text, /trials\/.*\.log:\d+–\d+/);
  await page.run("document.querySelector('details[open] li a').click()");
  assert.match(await page.run("location.hash"), /-row-0$/);
}));

test("colours follow the system until a reader chooses", () => visit(rich, async (page, go) => {
  await page.media({ "prefers-color-scheme": "dark" });
  await go();
  const paper = "getComputedStyle(document.body).backgroundColor";
  assert.equal(await page.run(paper), "rgb(22, 24, 27)");
  await page.run("document.querySelector('.theme').click()");
  assert.equal(await page.run(paper), "rgb(255, 255, 255)");
  await page.run("document.querySelector('.theme').click()");
  assert.equal(await page.run(paper), "rgb(22, 24, 27)");
  await page.run("document.querySelector('.theme').click()");
}));

test("no script but the page's own runs", () => visit(rich, async (page, go) => {
  await go();
  await page.run("(() => { const s = document.createElement('script'); s.textContent = 'window.injected = 1'; document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" onerror=\"window.injected = 2\">'); })()");
  await page.run("new Promise((done) => setTimeout(done, 50))");
  assert.equal(await page.run("window.injected"), undefined);
  assert.ok(page.errors.length > 0 && page.errors.every((text) => /Content Security Policy/.test(text)));
  page.errors.length = 0;
}));
