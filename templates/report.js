// Makes a report that is complete without it easier to read: sorts and filters tables, hides
// arms, reads values out of figures, switches axes and colours. One listener a kind of event
// for the whole page, since there may be tens of thousands of cells.
"use strict";
(() => {
  const root = document.documentElement;
  const words = JSON.parse(root.dataset.words);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const status = document.querySelector(".status");

  // Colours: the system's, light, dark.
  const theme = document.querySelector(".theme");
  const themes = ["", "light", "dark"];
  const remember = (value) => {
    try { localStorage.setItem("vnicbench-theme", value); } catch { /* not from everywhere */ }
  };
  const remembered = () => {
    try { return localStorage.getItem("vnicbench-theme"); } catch { return null; }
  };
  const colour = (index) => {
    root.dataset.theme = themes[index];
    theme.textContent = words.themes[index];
  };
  colour(Math.max(0, themes.indexOf(remembered())));
  document.querySelector(".controls").hidden = false;

  // Arms: one rule hides an arm's rows, marks and sources everywhere.
  const hidden = document.head.appendChild(make("style", {}));
  const boxes = all(".arms input");
  const showArms = () => {
    const off = boxes.filter((box) => !box.checked);
    const selectors = off.map((box) => `[data-arm=${JSON.stringify(box.value)}]`);
    hidden.textContent = off.length ? `${selectors.join(",")} { display: none !important; }` : "";
    status.textContent = fill(words.arms_shown, { shown: boxes.length - off.length, all: boxes.length });
  };

  // Tables: headings that sort, and a box that filters where there is something to filter.
  const FEW = 6;
  for (const table of all(".table > table")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2) continue;
    for (const heading of table.tHead.rows[0].cells) {
      const button = make("button", { type: "button", className: "sort", textContent: heading.textContent });
      heading.replaceChildren(button);
    }
    if (body.rows.length < FEW) continue;
    const label = make("label", { className: "filter", textContent: `${words.filter} ` });
    const count = make("span", { className: "count", role: "status" });
    label.append(make("input", { type: "search", autocomplete: "off" }));
    const box = make("div", { className: "filters" });
    box.append(label, count);
    table.parentElement.before(box);
  }

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.key ?? cell.textContent;
    const number = text.trim() === "" ? NaN : Number(text);
    return Number.isNaN(number) ? { text } : { number };
  };
  // Numbers before words, whichever way.
  const compare = (a, b, way) => {
    if (a.number !== undefined && b.number !== undefined) return way * (a.number - b.number);
    if (a.number !== undefined) return -1;
    if (b.number !== undefined) return 1;
    return way * a.text.localeCompare(b.text, root.lang, { numeric: true });
  };
  const sort = (button) => {
    const heading = button.parentElement;
    const table = heading.closest("table");
    const descending = heading.ariaSort === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.ariaSort = descending ? "descending" : "ascending";
    const rows = [...table.tBodies[0].rows].map((row) => [keyOf(row, heading.cellIndex), row]);
    rows.sort(([a], [b]) => compare(a, b, descending ? -1 : 1));
    table.tBodies[0].append(...rows.map(([, row]) => row));
    status.textContent = fill(words.sorted[descending ? 1 : 0], { column: button.textContent });
  };
  const filter = (input) => {
    const box = input.closest(".filters");
    const rows = [...box.nextElementSibling.querySelector("tbody").rows];
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    box.querySelector(".count").textContent =
      wanted.length ? fill(words.rows_shown, { shown, all: rows.length }) : "";
  };

  // Figures: the other axis, and values by pointer or arrow keys.
  for (const other of all("figure > [data-axis]")) {
    const first = other.previousElementSibling;
    first.dataset.axis = other.dataset.axis === "linear" ? "logarithmic" : "linear";
    const button = make("button", { type: "button", className: "axis", textContent: words[other.dataset.axis] });
    first.before(button);
  }
  const switchAxis = (button) => {
    for (const drawing of all(":scope > [data-axis]", button.parentElement)) {
      drawing.hidden = !drawing.hidden;
      if (drawing.hidden) button.textContent = words[drawing.dataset.axis];
    }
  };
  for (const region of all("figure > .scroll")) region.setAttribute("aria-description", words.values);

  const tip = document.querySelector(".tip");
  let current = null;
  const leave = () => {
    current?.classList.remove("current");
    current = null;
    tip.hidden = true;
  };
  const point = (mark) => {
    leave();
    const title = mark.querySelector(":scope > title");
    // The browser would show a second tip for it.
    if (title) {
      mark.dataset.value = title.textContent;
      title.remove();
    }
    current = mark;
    mark.classList.add("current");
    tip.textContent = mark.dataset.value;
    tip.hidden = false;
    const place = mark.getBoundingClientRect();
    const room = root.clientWidth - tip.offsetWidth - 8;
    const below = place.bottom + tip.offsetHeight + 6 < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(place.left, room))}px`;
    tip.style.top = `${below ? place.bottom + 4 : Math.max(4, place.top - tip.offsetHeight - 4)}px`;
  };
  const step = (region, by) => {
    const marks = all(".mark", region).filter((mark) => mark.getClientRects().length > 0);
    if (marks.length === 0) return;
    const at = marks.indexOf(current);
    point(marks[at < 0 ? (by > 0 ? 0 : marks.length - 1) : (at + by + marks.length) % marks.length]);
  };

  // What a link leads to may be folded away.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target?.closest("details");
    if (!details || details.open) return;
    details.open = true;
    target.scrollIntoView();
  };

  const on = (type, handle) => document.addEventListener(type, (event) => {
    if (event.target instanceof Element) handle(event.target, event);
  });
  on("click", (target) => {
    const button = target.closest("button");
    if (button?.matches(".sort")) sort(button);
    if (button?.matches(".axis")) switchAxis(button);
    if (button?.matches(".all")) {
      for (const box of boxes) box.checked = true;
      showArms();
    }
    if (button === theme) {
      const next = (themes.indexOf(root.dataset.theme) + 1) % themes.length;
      colour(next);
      remember(themes[next]);
    }
  });
  on("change", (target) => target.matches(".arms input") && showArms());
  on("input", (target) => target.matches(".filter input") && filter(target));
  on("pointerover", (target) => {
    const mark = target.closest(".mark");
    if (mark) point(mark);
    else if (current && !target.closest(".tip")) leave();
  });
  on("keydown", (target, event) => {
    if (event.key === "Escape") leave();
    if (!target.matches("figure > .scroll") || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      step(target, by);
    }
  });
  on("focusout", leave);
  addEventListener("hashchange", unfold);
  unfold();

  // Paper shows everything.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = all("details.sources:not([open])");
    for (const details of unfolded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of unfolded) details.open = false;
  });
})();
