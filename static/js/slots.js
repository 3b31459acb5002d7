/* The page that finds slots, beyond htmx: the arrows walk through the times, Enter presses as on
   any button, and a panel that opens comes into view on a small screen. It works without this. */

"use strict";

(() => {
  const STEPS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const inLine = event.target.closest(".slot-line");
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (!inLine && event.target !== document.body && !event.target.closest("#main")) return;
    const stops = [...document.querySelectorAll(".slot-line .slot-go")];
    const here = stops.indexOf(document.activeElement);
    const next = stops[here < 0 ? 0 : Math.min(stops.length - 1, Math.max(0, here + step))];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.closest(".slot-line").scrollIntoView({ block: "nearest" });
  });

  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id !== "slot-panel" || !matchMedia("(max-width: 1100px)").matches) return;
    detail.target.scrollIntoView({ block: "start" });
  });
})();
