// Tests camera, microphone and connection on the patient's page of a visit by video.
// Nothing is recorded or sent: the stream is stopped as soon as it is there.
(() => {
  const box = document.getElementById("device-check");
  if (!box || !navigator.mediaDevices) return;
  box.hidden = false;

  const say = (name, works) => {
    box.querySelector(`[data-check="${name}"]`).textContent = works ? box.dataset.works : box.dataset.fails;
  };

  const opens = async (asked) => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(asked);
      stream.getTracks().forEach((track) => track.stop());
      return true;
    } catch {
      return false;
    }
  };

  const reaches = async () => {
    try {
      const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store" });
      return answer.ok;
    } catch {
      return false;
    }
  };

  document.getElementById("device-check-go").addEventListener("click", async () => {
    say("connection", await reaches());
    say("camera", await opens({ video: true }));
    say("microphone", await opens({ audio: true }));
  });
})();
