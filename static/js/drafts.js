/* No typed word is lost. What is typed into a form of a part marked data-drafts (whose value says
   who is signed in) stands in this tab's own session storage until it was sent, and comes back when
   that form does: after a refresh, a closed dialog, a reload, a session that ended.

   data-draft        on a form: its choices are kept as well as its texts
   data-draft-as     on a form: what to call it, where its address is not enough
   data-about        on a form or around it: whom it is about. What was typed about one patient comes
                     into no form about another

   A draft is named by the form's address, which names the contact. Nothing is kept of a contact that
   is over or in other hands, or for somebody else who signs in here; app.js forgets all when they sign out. */

"use strict";

(() => {
  const staff = document.querySelector("[data-drafts]")?.dataset.drafts;
  if (!staff) return;
  const ALL = "desk:";
  const MINE = `${ALL}${staff}:`;
  const TEXT = /^(text|search|email|tel|url|number|date|time|textarea)$/;
  const CHOICE = /^(checkbox|radio|select-one)$/;

  const drafts = () => Object.keys(sessionStorage).filter((key) => key.startsWith(ALL));
  const forget = (unwanted) => drafts().filter(unwanted).forEach((key) => sessionStorage.removeItem(key));

  /* Which forms and fields, and what each is called. */
  const address = (form) => (form.getAttribute("action") || "").split("?")[0];
  const isKept = (form) =>
    Boolean(form?.closest("[data-drafts]")) && form.getAttribute("method") === "post"
    && form.getAttribute("role") !== "search" && address(form) !== "";
  const isField = (field) =>
    field.name && (TEXT.test(field.type) || ("draft" in field.form.dataset && CHOICE.test(field.type)));
  const named = (form) => {
    const about = form.closest("[data-about]")?.dataset.about || "";
    return `${MINE}${form.dataset.draftAs || address(form)}|${about}|`;
  };
  const place = (field) =>
    named(field.form) + (field.type === "checkbox" ? `${field.name}=${field.value}` : field.name);

  const keep = (field) => {
    if (!isKept(field.form) || !isField(field)) return;
    // What a refused form shows as its own words was typed, too.
    const wasRefused = field.form.querySelector(".form-error, [aria-invalid=true]");
    if (TEXT.test(field.type) && field.value === field.defaultValue && !wasRefused) {
      sessionStorage.removeItem(place(field));
    } else {
      sessionStorage.setItem(place(field), field.type === "checkbox" ? String(field.checked) : field.value);
    }
  };

  const put = (field, kept) => {
    if (field.type === "checkbox") field.checked = kept === "true";
    else if (field.type === "radio") field.checked = field.value === kept;
    else if (field.type === "select-one") {
      if ([...field.options].some((option) => option.value === kept)) field.value = kept;
    } else if (field.value !== kept) {
      field.value = kept;
      show(field);
    }
  };
  /* It stands where it can be seen; where it took the place of a proposal, it can be taken out. */
  const show = (field) => {
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const note = document.getElementById("draft-note");
    if (!field.defaultValue || !note || field.nextElementSibling?.matches(".draft-note")) return;
    field.after(note.content.cloneNode(true));
  };
  const restore = () => {
    for (const form of document.querySelectorAll("[data-drafts] form")) {
      if (!isKept(form)) continue;
      for (const field of form.elements) {
        const kept = isField(field) ? sessionStorage.getItem(place(field)) : null;
        if (kept !== null) put(field, kept);
      }
    }
  };

  document.addEventListener("input", ({ target }) => target.form && keep(target));
  document.addEventListener("click", ({ target }) => {
    const note = target.closest("[data-draft-drop]")?.closest(".draft-note");
    if (!note) return;
    const field = note.previousElementSibling;
    field.value = field.defaultValue;
    sessionStorage.removeItem(place(field));
    note.remove();
    field.focus();
  });

  /* What was sent is forgotten before its answer is put in: not where it was refused, nor where the
     answer only leads to the sign-in page. What has been typed since stays. */
  const isTaken = (xhr) => xhr.status >= 200 && xhr.status < 300 && !xhr.getResponseHeader("HX-Redirect");
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const form = detail.elt.closest("form");
    if (detail.requestConfig.verb !== "post" || !isKept(form)) return;
    const own = named(form);
    const sent = drafts().filter((key) => key.startsWith(own)).map((key) => [key, sessionStorage.getItem(key)]);
    detail.xhr.addEventListener("readystatechange", () => {
      if (detail.xhr.readyState !== XMLHttpRequest.DONE || !isTaken(detail.xhr)) return;
      for (const [key, kept] of sent) {
        if (sessionStorage.getItem(key) === kept) sessionStorage.removeItem(key);
      }
    });
  });

  /* No word stays of a contact that left their hands: it was handed over or put back, or is over; of
     that only a change of its note goes on. The conversation says so of its own contact at once, the
     left column of the others: of all of them as the page comes, then of those that it named. */
  let lastInHand = null;
  const contactOf = (key) => key.slice(MINE.length).match(/^\/desk\/(\d+)\//)?.[1];
  const forgetWhatLeft = () => {
    const inHand = document.getElementById("in-hand")?.value.split(" ");
    const talk = document.getElementById("talk");
    const hasLeft = (contact) =>
      contact === talk?.dataset.contact
        ? !("mine" in talk.dataset)
        : inHand && !inHand.includes(contact) && (!lastInHand || lastInHand.includes(contact));
    forget((key) => {
      const contact = contactOf(key);
      return contact && hasLeft(contact) && !key.startsWith(`${MINE}/desk/${contact}/note/`);
    });
    lastInHand = inHand || lastInHand;
  };

  document.body.addEventListener("htmx:afterSettle", () => {
    forgetWhatLeft();
    restore();
  });
  forget((key) => !key.startsWith(MINE));
  forgetWhatLeft();
  restore();
})();
