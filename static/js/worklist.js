/* Pages that have a list, and beside it what was chosen in it, beyond htmx. They work without
   this file, only less quickly.

   worklist:refresh   the list and what was chosen look again; said at most once in 400 ms, and
                      not while nobody looks at the page
   worklist:done      what was asked is done, and its toast is in the page: the dialog closes, and
                      the page looks again */

"use strict";

(() => {
  const WAIT_MS = 400;
  let waiting = null;
  let missed = false;

  /* Events come in bursts: the first of them sets the clock, and the last is always seen. */
  const refresh = () => {
    waiting = null;
    if (document.hidden) missed = true;
    else htmx.trigger(document.body, "worklist:refresh");
  };
  const soon = () => { waiting ??= setTimeout(refresh, WAIT_MS); };
  for (const name of ["live:any", "live:resync"]) document.body.addEventListener(name, soon);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && missed) { missed = false; refresh(); }
  });

  /* The dialog: whatever arrives in it is shown; a link that closes it goes nowhere. */
  const dialog = document.getElementById("dialog");
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    const { id, childElementCount } = detail.target;
    if (id === "dialog-body" && childElementCount && !dialog.open) dialog.showModal();
  });
  document.body.addEventListener("worklist:done", () => { dialog.close(); refresh(); });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (event.target.closest("a[data-close]")) event.preventDefault();
  });
  dialog.addEventListener("close", () => document.getElementById("dialog-body").replaceChildren());

  /* What was unfolded stays unfolded, and what is new or different glows once. */
  let before = null;
  const marks = () => new Map(
    [...document.querySelectorAll("[data-was]")].map((row) => [row.id, row.dataset.was]));
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!/^work-(list|center)$/.test(detail.target.id)) return;
    const unfolded = [...document.querySelectorAll("details[id][open]")].map(({ id }) => id);
    before = { rows: marks(), unfolded, page: location.href };
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of before?.unfolded ?? []) document.getElementById(id)?.setAttribute("open", "");
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    const same = before?.page === location.href;
    for (const row of same ? document.querySelectorAll("[data-was]") : []) {
      if (before.rows.get(row.id) !== row.dataset.was) row.classList.add("changed");
    }
    before = null;
  });

  /* J and K, and the arrows, walk through the list; Enter opens, as on any link. */
  const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const inLine = event.target.closest(".work-line");
    if (event.key.startsWith("Arrow") && !inLine) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const lines = [...document.querySelectorAll(".work-line")];
    const here = lines.indexOf(document.activeElement);
    const chosen = lines.findIndex((line) => line.getAttribute("aria-current"));
    const from = here >= 0 ? here : chosen;
    const next = lines[from < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, from + step))];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  });
})();
