/* One stream for all tabs of a browser.

   Over HTTP/1.1 a browser opens six connections to a host, and a stream holds one for good: with a
   stream per tab the seventh tab would get nothing, not even pages. So the stream lives in a
   SharedWorker and each tab listens to it. The same file is loaded by the page, for browsers that
   have no SharedWorker: there `openLive` serves that one tab. */

"use strict";

/**
 * Keep a stream open for good, and tell of it.
 *
 * @param {string} url  Where the stream is, with its topics.
 * @param {(message: object) => void} tell  Called with {kind: "open" | "heard" | "lost" |
 *   "signed-out" | "resync"} or {kind: "notice", notice: {id, name, subject_type, subject_id}}.
 * @returns {{wake: () => void}}  `wake` tries again now, if the stream is not open.
 */
function openLive(url, tell) {
  const SILENT_MS = 40_000; // beats come every 15 s
  let source = null;
  let lastId = "";
  let failures = 0;
  let wasOpen = false;
  let retry = null;
  let watchdog = null;

  function connect() {
    clearTimeout(retry);
    retry = null;
    const address = new URL(url);
    if (lastId) address.searchParams.set("last_event_id", lastId);
    source = new EventSource(address, { withCredentials: true });
    source.onopen = opened;
    source.onerror = () => lose(source.readyState === EventSource.CLOSED);
    source.addEventListener("beat", heard);
    source.addEventListener("notice", notice);
    source.addEventListener("resync", () => { heard(); tell({ kind: "resync" }); });
    source.addEventListener("signed-out", () => { drop(); tell({ kind: "signed-out" }); });
  }

  function opened() {
    failures = 0;
    heard();
    tell({ kind: "open" });
    if (wasOpen) tell({ kind: "resync" });
    wasOpen = true;
  }

  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => lose(true), SILENT_MS);
    tell({ kind: "heard" });
  }

  function notice(event) {
    lastId = event.lastEventId;
    heard();
    tell({ kind: "notice", notice: JSON.parse(event.data) });
  }

  /* The browser comes back by itself after a cut, but not after an answer that is no stream. */
  function lose(forGood) {
    clearTimeout(watchdog);
    tell({ kind: "lost" });
    if (!forGood) return;
    drop();
    failures += 1;
    const wait = Math.min(30_000, 1_000 * 2 ** failures) * (0.5 + Math.random() / 2);
    retry = setTimeout(connect, wait);
  }

  function drop() {
    clearTimeout(watchdog);
    if (source) source.close();
    source = null;
  }

  connect();
  return {
    wake() {
      if (source && source.readyState !== EventSource.CLOSED) return;
      drop();
      connect();
    },
  };
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const tabs = new Set();
  let live = null;
  let state = null; // what a tab that joins later has missed

  const tellAll = (message) => {
    if (["open", "lost", "signed-out"].includes(message.kind)) state = message;
    for (const tab of tabs) tab.postMessage(message);
  };

  self.onconnect = (event) => {
    const tab = event.ports[0];
    tabs.add(tab);
    tab.onmessage = ({ data }) => {
      if (data.kind === "leave") tabs.delete(tab);
      if (data.kind === "join" && !live) live = openLive(data.url, tellAll);
      else if (data.kind === "join") live.wake();
      if (data.kind === "join" && state) tab.postMessage(state);
    };
  };
}
