// "Nói thay vì gõ": a recording of up to two minutes instead of typing. It is kept and sent like a photo, and an officer
// writes it down. Fetched when its fold is opened; where a browser cannot record, a recording is chosen as a file.
import "../queue.js";

const queue = self.hoidapQueue;
const SECONDS = 120;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export async function bindVoice(box, form, draft, say, save, keeping) {
  const find = (name) => box.querySelector(`[data-voice-${name}]`);
  const told = find("told");
  const tell = (word, values) => { told.textContent = word ? say(word, values) : ""; };
  const fail = (word, values) => { tell(word, values); keeping.missed(say(word, values)); };
  const text = form.elements.text;
  const spoken = box.dataset.spoken;
  const own = async () => (await queue.files(draft.id)).find((row) => row.kind === "voice");
  let recorder = null;

  async function draw() {
    const row = await own();
    const player = find("player");
    if (player.src) URL.revokeObjectURL(player.src);
    player.hidden = find("drop").hidden = !row;
    if (row) player.src = URL.createObjectURL(new Blob([await queue.bytesOf(row.id)], { type: row.type }));
    else player.removeAttribute("src");
    if (row && !text.value.trim()) text.value = spoken;
    if (!row && text.value === spoken) text.value = "";
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function keep(bytes, type, name) {
    if (!bytes.byteLength) { fail("voice_empty"); return; }
    const before = await own();
    try {
      await save();
      await queue.keepFile({ report: draft.id, kind: "voice", type, name }, bytes);
      if (before) await queue.dropFile(before.id);
    } catch (fault) { fail(fault.message === "late" ? "file_late" : "voice_full", { name }); await draw(); return; }
    await draw();
    tell("voice_kept"); // only now: its words stand in the form
  }

  /** Sending ends a recording and waits until it is kept; one that has not begun begins no more. */
  function record() {
    let begun = true;
    const stop = () => { begun = false; if (recorder && recorder.state === "recording") recorder.stop(); };
    return keeping.run(new Promise((ended) => { listen(ended, () => begun).catch(ended); }), stop);
  }

  async function listen(ended, wanted) {
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { tell("voice_refused"); ended(); return; }
    if (!wanted()) { stream.getTracks().forEach((track) => track.stop()); ended(); return; }
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const parts = [];
    recorder = new MediaRecorder(stream, mimeType ? { mimeType, audioBitsPerSecond: 24000 } : undefined);
    const began = Date.now();
    const clock = setInterval(() => {
      const over = Math.floor((Date.now() - began) / 1000);
      tell("voice_on", { s: over, m: SECONDS });
      if (over >= SECONDS && recorder.state === "recording") recorder.stop();
    }, 500);
    recorder.ondataavailable = ({ data }) => { parts.push(data); };
    recorder.onstop = async () => {
      clearInterval(clock);
      stream.getTracks().forEach((track) => track.stop());
      const type = (recorder.mimeType || mimeType || "audio/webm").split(";")[0];
      recorder = null;
      find("record").textContent = say("voice_start");
      await new Blob(parts, { type }).arrayBuffer().then((bytes) => keep(bytes, type, say("voice_name"))).finally(ended);
    };
    recorder.start(1000);
    find("record").textContent = say("voice_stop");
    tell("voice_on", { s: 0, m: SECONDS });
  }

  find("record").hidden = !(navigator.mediaDevices && window.MediaRecorder);
  find("record").addEventListener("click", () => { if (!recorder) record(); else if (recorder.state === "recording") recorder.stop(); });
  find("drop").addEventListener("click", async () => {
    const row = await own();
    if (row) await queue.dropFile(row.id);
    tell("");
    await draw();
    find("record").focus();
  });
  const take = async (input) => {
    const [file] = input.files;
    input.value = ""; // at once: nobody else finds the same recording here
    if (file) await keeping.run(file.arrayBuffer().then((bytes) => keep(bytes, file.type || "audio/mp4", file.name), () => fail("voice_unread")));
  };
  find("file").addEventListener("change", ({ target }) => take(target));
  if (await own()) await draw();
  await take(find("file")); // somebody was faster than this script
}
