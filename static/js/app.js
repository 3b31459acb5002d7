/* What every page of the staff does in the browser, beyond htmx. Everything here is a comfort:
   pages work without it.

   data-key="b"       pressing B does what clicking this element does; while typing, Alt and B
   data-ago           on <time datetime>: "40 s ago", kept up
   data-until         on <time datetime>: "in 2 h 10 min", kept up
   data-for           on <time datetime>: "2 h 10 min", how long still, kept up
   data-since         on <time datetime>: "2:41", "1:02:41", kept up
   data-dismiss       on a button: removes the nearest .toast or .notice
   data-sign-out      on a form: sent, nothing that this tab keeps stays in it
   data-open="id"     on a button: opens that <dialog>; data-close closes the one it stands in */

"use strict";

(() => {
  /* Words, in the language of the page (templates/components/said.html). */
  const said = document.getElementById("said").dataset;
  const say = (sentence, what) => sentence.replace("{}", what);

  /* Times that keep up. */
  const span = (seconds) => {
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    const days = Math.floor(hours / 24);
    return days === 1 ? said.day : say(said.days, days);
  };

  const two = (number) => String(number).padStart(2, "0");
  const running = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const end = two(seconds % 60);
    return minutes < 60 ? `${minutes}:${end}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${end}`;
  };

  const tick = () => {
    for (const time of document.querySelectorAll("time[data-since]")) {
      const words = running(Math.max(0, Math.round((Date.now() - Date.parse(time.dateTime)) / 1000)));
      if (time.textContent !== words) time.textContent = words;
    }
    for (const time of document.querySelectorAll("time[data-ago], time[data-until], time[data-for]")) {
      const seconds = Math.round((Date.parse(time.dateTime) - Date.now()) / 1000);
      const words =
        "ago" in time.dataset ? say(said.ago, span(Math.max(0, -seconds)))
        : "for" in time.dataset ? span(Math.max(0, seconds))
        : seconds > 0 ? say(said.until, span(seconds)) : said.now;
      if (time.textContent !== words) time.textContent = words;
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
  tick();

  /* Clicks. */
  document.addEventListener("click", (event) => {
    const menu = event.target.closest(".menu");
    for (const open of document.querySelectorAll(".menu[open]")) {
      if (open !== menu) open.open = false;
    }
    event.target.closest("[data-dismiss]")?.closest(".toast, .notice")?.remove();
    event.target.closest("[data-close]")?.closest("dialog")?.close();
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
  });

  /* Keys. */
  const typing = (element) =>
    element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const open of document.querySelectorAll(".menu[open]")) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    }
    // A key that is held down presses once: the next button that gets the focus is another one.
    if (event.repeat && event.key === "Enter" && event.target.tagName !== "TEXTAREA") event.preventDefault();
    if (event.ctrlKey || event.metaKey || (typing(event.target) && !event.altKey)) return;
    // With Alt some systems make another letter of it: the key itself counts then.
    const key = event.altKey ? event.code.replace(/^(Key|Digit)/, "") : event.key;
    const scope = document.querySelector("dialog[open]") || document;
    const target = scope.querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`);
    if (!target || target.disabled) return;
    event.preventDefault();
    if (event.repeat) return;
    if (/^(INPUT|TEXTAREA)$/.test(target.tagName)) target.focus();
    else target.click();
  });

  /* A form is sent once. */
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) sessionStorage.clear();
    if (event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  /* When a request fails, say so where the eye is, and what to do. */
  const complain = (sentence) => {
    const toast = document.getElementById("toast-template")?.content.cloneNode(true);
    const told = [...document.querySelectorAll("#toasts [data-text]")];
    if (!toast || told.some((each) => each.textContent === sentence)) return;
    toast.querySelector("[data-text]").textContent = sentence;
    document.getElementById("toasts").append(toast);
  };

  document.addEventListener("htmx:sendError", () => complain(said.unreachable));
  document.addEventListener("htmx:timeout", () => complain(said.slow));
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const status = detail.xhr.status;
    if (status === 401 || status === 403) complain(said.denied);
    else if (status === 404) complain(said.gone);
    else complain(said.failed);
  });
})();
