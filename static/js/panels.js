/* Parts of the desk that look again by themselves, quietly. A refresh that nobody pressed

   - takes no panel from under the hands: while a field in it has the focus, or says something that
     is not sent, it waits until they have left; and while a part stands in it that the reader has
     asked for (data-stays), as long as it does;
   - is not put in where it says nothing new, so that a notice stays until it is read;
   - leaves open what was folded open, in a panel as in the conversation. */

"use strict";

(() => {
  const OF_ITSELF = /^(live|contact|screen):/;
  const isPressed = ({ requestConfig }) => {
    const event = requestConfig?.triggeringEvent;
    return Boolean(event) && !OF_ITSELF.test(event.type);
  };
  const panelOf = ({ target }) => target?.closest(".desk-panel");

  /* Hands on it. */
  const isChanged = (field) => {
    if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
    if (field.type === "select-one") {
      const first = [...field.options].findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(first, 0);
    }
    return field.type !== "hidden" && field.value !== field.defaultValue;
  };
  const isBusy = (panel) =>
    // What was refused stands there as if it were known; what was asked for is being read.
    panel.querySelector(".form-error, [data-stays]")
    || [...panel.querySelectorAll("input, select, textarea")].some(
      (field) => field === document.activeElement || isChanged(field));

  /* What a panel says: without what was said once, and what differs each time it is drawn. */
  const PASSING = ".notice, .draft-note, [hidden], [name=csrfmiddlewaretoken], time";
  const words = (panel) => {
    for (const each of panel.querySelectorAll(PASSING)) each.remove();
    for (const fold of panel.querySelectorAll("details")) fold.open = false;
    return panel.innerHTML.replace(/\s+/g, " ").trim();
  };
  const isNews = (panel, html) =>
    words(new DOMParser().parseFromString(html, "text/html").body) !== words(panel.cloneNode(true));

  /* What is folded open, by its words without their figures. */
  const title = (fold) => fold.querySelector("summary")?.textContent.replace(/\d+/g, "").trim();
  const opened = new Map();
  const folds = (part) => [...part.querySelectorAll("details")];
  const partOf = (detail) => (detail.target?.id === "talk" ? "talk" : panelOf(detail));

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const panel = panelOf(event.detail);
    if (!panel || isPressed(event.detail)) return;
    if (panel.closest("#screen-side.htmx-request")) event.preventDefault(); // all of it comes anew
    if (!isBusy(panel)) return;
    event.preventDefault();
    panel.dataset.waits = "";
  });

  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap) return;
    const panel = panelOf(detail);
    if (isPressed(detail)) {
      if (detail.target.matches(".desk-panel, .panel")) delete panel?.dataset.waits;
    } else if (panel && isBusy(panel)) {
      detail.shouldSwap = false; // they began to type while it was asked for
      panel.dataset.waits = "";
    } else if (panel && !isNews(panel, detail.serverResponse)) {
      detail.shouldSwap = false;
    } else if (partOf(detail)) {
      const open = folds(panel || detail.target).filter((fold) => fold.open);
      opened.set(partOf(detail), new Set(open.map(title)));
    }
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    const key = partOf(detail);
    const titles = opened.get(key);
    opened.delete(key);
    const part = key === "talk" ? document.getElementById("talk") : key; // the conversation is a new one
    for (const fold of titles && part ? folds(part) : []) fold.open ||= titles.has(title(fold));
  });

  const lookAgain = () => {
    for (const panel of document.querySelectorAll(".desk-panel[data-waits]")) {
      if (isBusy(panel)) continue;
      delete panel.dataset.waits;
      htmx.ajax("GET", panel.getAttribute("hx-get"), { source: panel, target: panel, swap: "innerHTML" });
    }
  };
  document.addEventListener("focusout", () => setTimeout(lookAgain)); // once the focus has moved
})();
