/* The live stream, as events on document.body.

   Page authors write only htmx:

     hx-trigger="live:some from:body, live:resync from:body"

   live:some                       something happened; twice a second at most, and once more after
                                   a burst (htmx's own throttle would lose its last event)
   live:any                        the same, each time; detail = {id, name, subject_type, subject_id,
                                   whom: ["patient:42", …]}
   live:<name>                     such as live:waitlist.offer-accepted
   live:<subject_type>:<id>        such as live:waitlist.opening:42
   live:patient:<id>               something that concerns this patient: a visit, an offer, a text
   live:contact:<id>               the same of a contact at the desk, and of its call or hand-off
   live:agent:<id>                 the same of the member of staff who has a contact, or is asked to
   live:queue:<id>                 the same of a queue
   live:<name>:<any of these>      such as live:crm.contact-verified:contact:7
   live:<app>:<any of these>       such as live:scheduling:patient:42
   live:resync                     something may have been missed: fetch again
   live:open, live:lost            the stream is there, or is not

   Loaded after live-worker.js. Reads <meta name="live-url"> (no such tag: no stream) and keeps the
   indicator #live: "Live, 2 s ago", "Reconnecting…", "Signed out". */

"use strict";

(() => {
  const meta = document.querySelector('meta[name="live-url"]');
  if (!meta || !meta.content) return;
  const url = meta.content;
  const worker = document.currentScript.dataset.worker;
  const indicator = document.getElementById("live");
  const said = document.getElementById("said").dataset; // templates/components/said.html
  const SPREAD_MS = 3000; // all pages miss the same, and would ask in the same instant
  let heardAt = 0;
  let state = "connecting";

  const say = (name, detail) =>
    document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail, bubbles: true }));

  function take(message) {
    if (message.kind === "heard") heardAt = Date.now();
    else if (message.kind === "notice") tellOf(message.notice);
    else if (message.kind === "resync") setTimeout(() => say("resync"), Math.random() * SPREAD_MS);
    else change(message.kind);
  }

  function tellOf(notice) {
    heardAt = Date.now();
    notice.whom = concerned(notice);
    say("any", notice);
    sayInBursts();
    say(notice.name, notice);
    for (const whom of notice.whom) {
      say(whom, notice);
      say(`${notice.name}:${whom}`, notice);
      say(`${notice.name.split(".")[0]}:${whom}`, notice);
    }
  }

  const concerned = (notice) => [
    `${notice.subject_type}:${notice.subject_id}`,
    ...["patient", "contact", "agent", "queue"].filter((who) => notice[who]).map((who) => `${who}:${notice[who]}`),
  ];

  let resting = 0;
  let missed = false;
  function sayInBursts() {
    missed = resting !== 0;
    if (missed) return;
    say("some");
    resting = setTimeout(() => {
      resting = 0;
      if (missed) sayInBursts();
    }, 500);
  }

  function change(kind) {
    if (kind === "open") heardAt = Date.now();
    if (kind === state) return;
    state = kind;
    if (kind !== "signed-out") say(kind);
    if (!indicator) return;
    indicator.dataset.state = kind === "open" ? "open" : "lost";
    show();
    indicator.querySelector("[data-live-status]").textContent = words();
  }

  const words = () =>
    ({ open: said.open, lost: said.lost, "signed-out": said.signedOut })[state] || said.connecting;

  function show() {
    if (!indicator) return;
    const seconds = Math.max(0, Math.round((Date.now() - heardAt) / 1000));
    indicator.querySelector("[data-live-word]").textContent =
      state === "open" ? said.heard.replace("{}", seconds) : words();
  }

  function openHere() {
    const live = openLive(url, take);
    window.addEventListener("online", () => live.wake());
  }

  function openShared() {
    let port = null;
    const join = () => {
      const shared = new SharedWorker(worker, { name: url });
      shared.onerror = openHere; // such as a policy that forbids workers
      port = shared.port;
      port.onmessage = ({ data }) => take(data);
      port.postMessage({ kind: "join", url });
    };
    join();
    window.addEventListener("online", () => port.postMessage({ kind: "join", url }));
    window.addEventListener("pagehide", () => port.postMessage({ kind: "leave" }));
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      join(); // back from the browser's page cache: we have missed things
      say("resync");
    });
  }

  setInterval(show, 1000);
  if (worker && "SharedWorker" in window) openShared();
  else openHere();
})();
