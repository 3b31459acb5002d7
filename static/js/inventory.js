/* The map by keyboard: one stop for the tab key, arrows from cell to cell, Home and End in a row.
   Without script each cell is a link like any other. */

"use strict";

(() => {
  const boxes = (grid) =>
    [...grid.querySelectorAll("tbody tr, tfoot tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => cell.querySelector("a.supply-box")));

  const start = (grid) => {
    const links = [...grid.querySelectorAll("a.supply-box")];
    const first = grid.querySelector("a.supply-box.on") || links[0];
    for (const link of links) link.tabIndex = link === first ? 0 : -1;
  };

  const reach = (grid, link) => {
    if (!link) return;
    for (const other of grid.querySelectorAll('a.supply-box[tabindex="0"]')) other.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
  };

  /* The next cell with slots in that direction; empty ones are passed over. */
  const next = (rows, y, x, dy, dx) => {
    for (;;) {
      y += dy;
      x += dx;
      if (!rows[y] || x < 0 || x >= rows[y].length) return null;
      if (rows[y][x]) return rows[y][x];
    }
  };

  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("[data-grid] a.supply-box");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const grid = link.closest("[data-grid]");
    const rows = boxes(grid);
    const y = rows.findIndex((row) => row.includes(link));
    const x = rows[y].indexOf(link);
    const there = {
      ArrowRight: () => next(rows, y, x, 0, 1),
      ArrowLeft: () => next(rows, y, x, 0, -1),
      ArrowDown: () => next(rows, y, x, 1, 0),
      ArrowUp: () => next(rows, y, x, -1, 0),
      Home: () => rows[y].find(Boolean),
      End: () => rows[y].findLast(Boolean),
    }[event.key];
    if (!there) return;
    event.preventDefault();
    reach(grid, there());
  });

  /* The open cell keeps its mark; on a phone its slots come into view. */
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id !== "inventory-cell") return;
    const by = detail.requestConfig?.elt;
    if (!by?.classList.contains("supply-box")) return;
    const grid = by.closest("[data-grid]");
    for (const on of grid.querySelectorAll("a.supply-box.on")) on.classList.remove("on");
    by.classList.add("on");
    for (const link of grid.querySelectorAll("a.supply-box")) link.tabIndex = link === by ? 0 : -1;
    if (matchMedia("(max-width: 1100px)").matches) {
      detail.target.scrollIntoView({ block: "start" });
      detail.target.focus({ preventScroll: true });
    }
  });

  for (const grid of document.querySelectorAll("[data-grid]")) start(grid);
})();
