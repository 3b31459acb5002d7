/* The desk's screen beyond htmx; it works without this file, only less quickly.

   data-timer        on <time datetime>: "1:52", kept up
   data-draft        on an input: what was typed outlives a lost session, a reload and a refresh of
                     the part it stands in; it is forgotten once it was sent
   data-first        after a part has changed, the first of these has the focus, unless somebody
                     types just then
   data-next         the same after a press of the agent, whatever had it
   Escape            empties the command bar; leaves a field, so that the keys work again

   Nothing here leaves this browser tab: drafts stand in its session storage. */

"use strict";

(() => {
  const pad = (number) => String(number).padStart(2, "0");
  const tick = () => {
    for (const time of document.querySelectorAll("time[data-timer]")) {
      const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time.dateTime)) / 1000));
      const hours = Math.floor(seconds / 3600);
      const minutes = Math.floor(seconds / 60) % 60;
      const words = hours
        ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}`
        : `${minutes}:${pad(seconds % 60)}`;
      if (time.textContent !== words) time.textContent = words;
    }
  };
  setInterval(tick, 1000);

  /* Drafts. */
  const place = (input) => `desk:${input.id}`;
  const keep = (input) => {
    if (input.value) sessionStorage.setItem(place(input), input.value);
    else sessionStorage.removeItem(place(input));
  };
  const restore = () => {
    for (const input of document.querySelectorAll("[data-draft][id]")) {
      const kept = sessionStorage.getItem(place(input));
      if (kept && !input.value) input.value = kept;
    }
  };
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.("[data-draft][id]")) keep(target);
  });
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.elt.closest?.("form");
    if (!form || !detail.successful) return;
    for (const input of form.querySelectorAll("[data-draft][id]")) {
      sessionStorage.removeItem(place(input));
    }
  });

  /* The focus goes to what is next. After a press of the agent that is `data-next`, also from an
     input that they have just sent; a refresh that came by itself takes it from nobody. */
  const typing = () => {
    const { activeElement: now } = document;
    return now && /^(INPUT|TEXTAREA|SELECT)$/.test(now.tagName) && now.isConnected && now.value;
  };
  const seen = (selector) =>
    [...document.querySelectorAll(`#desk-work ${selector}`)].find(
      (each) => !each.disabled && each.checkVisibility());
  const goOn = (pressed) => {
    if (document.querySelector("dialog[open]")) return;
    const next = (pressed && seen("[data-next]")) || (typing() ? null : seen("[data-first]"));
    next?.focus({ preventScroll: true });
  };
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    restore();
    tick();
    dialog?.querySelector("#run [data-first]")?.focus(); // where a decision tree has ended
    if (!/^(talk|desk-work)$/.test(detail.target.id)) return;
    goOn(detail.requestConfig?.verb === "post");
  });
  /* B holds the first time that is free. */
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "b") document.querySelector(".desk-hold")?.click();
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

  /* Whoever waits is looked at again when something about them changes, once in half a second. */
  const LEFT = /^crm\.(contact|call|queue|handoff|task|agent)-/;
  let waiting = null;
  document.body.addEventListener("live:any", ({ detail }) => {
    if (!LEFT.test(detail.name)) return;
    waiting ??= setTimeout(() => {
      waiting = null;
      htmx.trigger(document.body, "screen:left");
    }, 500);
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
    goOn();
  });

  restore();
  tick();
  goOn(false);
})();
