/* The desk's screen beyond htmx; it works without this file, only less quickly.

   data-timer        on <time datetime>: "1:52" since then, kept up
   data-left         on <time datetime>: "1:52 left" until then, afterwards "0:40 late"
   data-first        after the conversation has changed, the first of these has the focus, unless
                     somebody types just then or is elsewhere
   data-next         the same after a press of the agent, whatever had it
   Escape            empties the command bar; leaves a field, so that the keys work again

   What is typed is kept by drafts.js; panels.js keeps refreshes quiet. */

"use strict";

(() => {
  const said = document.getElementById("said").dataset; // templates/components/said.html
  const pad = (number) => String(number).padStart(2, "0");
  const running = (seconds) => {
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
  };
  const tick = () => {
    for (const time of document.querySelectorAll("time[data-timer], time[data-left]")) {
      const left = Math.round((Date.parse(time.dateTime) - Date.now()) / 1000);
      const words =
        "timer" in time.dataset ? running(Math.max(0, -left))
        : (left >= 0 ? said.left : said.late).replace("{}", running(Math.abs(left)));
      if (time.textContent !== words) time.textContent = words;
      if ("left" in time.dataset) time.classList.toggle("late", left < 0);
    }
  };
  setInterval(tick, 1000);

  /* The focus goes to what is next. After a press of the agent that is `data-next`, also from an
     input that they have just sent; a refresh that came by itself takes it from nobody, and moves it
     only where it was in the conversation or nowhere. */
  const typing = () => {
    const { activeElement: now } = document;
    return now && /^(INPUT|TEXTAREA|SELECT)$/.test(now.tagName) && now.isConnected && now.value;
  };
  const seen = (selector) =>
    [...document.querySelectorAll(`#desk-work ${selector}`)].find(
      (each) => !each.disabled && each.checkVisibility());
  const isElsewhere = () => {
    const { activeElement: now } = document;
    return now && now !== document.body && !now.closest("#talk");
  };
  const goOn = (pressed) => {
    if (document.querySelector("dialog[open]")) return;
    const stays = typing() || (!pressed && isElsewhere());
    const next = (pressed && seen("[data-next]")) || (stays ? null : seen("[data-first]"));
    next?.focus({ preventScroll: true });
  };
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    tick();
    dialog?.querySelector("#run [data-first]")?.focus(); // where a decision tree has ended
    if (!/^(talk|desk-work)$/.test(detail.target.id)) return;
    goOn(detail.requestConfig?.verb === "post" || detail.target.id === "desk-work");
  });
  document.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape" && target.closest("#talk") && target.value !== undefined) target.blur();
  });

  /* The command bar. */
  const command = document.getElementById("command");
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      command?.focus();
    }
    if (event.key === "Escape" && command?.value) {
      command.value = "";
      document.getElementById("found").replaceChildren();
    }
  });

  /* Whoever waits is looked at again when something about them changes. What is one's own, at once,
     and one's own press together with what the stream tells of it; what many desks hear of, a queue,
     at a moment of each desk's own, within as long as the server says. */
  const AT_ONCE_MS = 400;
  let due = Infinity;
  let timer = null;
  let isQueueDue = false;
  const lookWithin = (milliseconds) => {
    const when = Date.now() + milliseconds;
    if (when >= due) return;
    clearTimeout(timer);
    due = when;
    timer = setTimeout(() => {
      due = Infinity;
      isQueueDue = false;
      htmx.trigger(document.body, "screen:left");
    }, milliseconds);
  };
  document.body.addEventListener("contact:changed", () => lookWithin(AT_ONCE_MS));
  document.body.addEventListener("live:any", ({ detail }) => {
    const { hears, within } = document.getElementById("listed").dataset;
    const ours = new Set(hears.split(" "));
    const heard = [...detail.whom, detail.subject_type].filter((each) => ours.has(each));
    if (heard.some((each) => !each.startsWith("queue:"))) lookWithin(AT_ONCE_MS);
    else if (heard.length && !isQueueDue) {
      isQueueDue = true; // each further event would draw a sooner moment
      lookWithin(Math.random() * within);
    }
  });

  /* A contact that has just become theirs opens by itself, though not behind a dialog: then once
     that closes. The server says which of theirs the page knows by now. */
  let hasRung = false;
  for (const name of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
    document.body.addEventListener(name, (event) => {
      if (event.detail.elt.id !== "screen-pop" || !dialog?.open) return;
      event.preventDefault();
      hasRung = true;
    });
  }
  document.body.addEventListener("screen:known", ({ detail }) => {
    document.getElementById("known").value = detail.value;
  });

  /* The dialog: whatever arrives in it is shown. */
  const dialog = document.getElementById("dialog");
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id !== "dialog-body" || !detail.target.childElementCount) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
  });
  document.body.addEventListener("contact:changed", () => dialog.open && dialog.close());
  dialog?.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (event.target.closest("a[data-close]")) event.preventDefault();
  });
  dialog?.addEventListener("close", () => {
    document.getElementById("dialog-body").replaceChildren();
    goOn(false);
    if (hasRung) htmx.trigger(document.body, "screen:pop");
    hasRung = false;
  });

  tick();
  goOn(false);
})();
