// A photo as it is sent: at most 2048 pixels on the long side, upright, redrawn and so without any of the
// camera's facts. Those (EXIF) come back beside it; who sends under an open name gets them put in again.
const LONG = 2048;
const SMALL = 320;
const QUALITY = 0.8;
const MOST_PIXELS = 40e6; // more would not fit into the memory of a small phone: the server redraws it

/** {bytes, type, thumb, exif, drawn}, or null when this browser cannot open it. */
export async function shrink(bytes, type) {
  const head = jpegFacts(bytes);
  if (head && head.pixels > MOST_PIXELS) return null;
  const picture = await opened(new Blob([bytes], { type })).catch(() => null);
  if (!picture) return null;
  try {
    const whole = await drawn(picture, LONG);
    const thumb = await drawn(picture, SMALL);
    return { bytes: whole, type: "image/jpeg", thumb, exif: head && head.exif, drawn: true };
  } catch {
    return null;
  } finally {
    if (picture.close) picture.close();
    else URL.revokeObjectURL(picture.src);
  }
}

async function opened(blob) {
  if (window.createImageBitmap) {
    try { return await createImageBitmap(blob, { imageOrientation: "from-image" }); } catch { /* an older browser, or no picture */ }
    try { return await createImageBitmap(blob); } catch { /* the last way */ }
  }
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return image;
}

async function drawn(picture, long) {
  const [w, h] = [picture.naturalWidth || picture.width, picture.naturalHeight || picture.height];
  const scale = Math.min(1, long / Math.max(w, h));
  const [width, height] = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))];
  const canvas = window.OffscreenCanvas ? new OffscreenCanvas(width, height) : Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.drawImage(picture, 0, 0, width, height);
  const blob = canvas.convertToBlob ? await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY })
    : await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
  canvas.width = canvas.height = 0; // gives the memory back at once on iOS
  return blob.arrayBuffer();
}

// The segments of a JPEG file

function* segments(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return;
  for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    const length = 2 + view.getUint16(at + 2);
    if (marker === 0xda || at + length > view.byteLength) return;
    yield { marker, at, length };
    at += length;
  }
}

const isExif = (bytes, { marker, at }) => marker === 0xe1 && String.fromCharCode(...new Uint8Array(bytes, at + 4, 4)) === "Exif";
const isFrame = (marker) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function jpegFacts(bytes) {
  const view = new DataView(bytes);
  const found = { pixels: 0, exif: null };
  for (const segment of segments(bytes)) {
    if (isFrame(segment.marker)) { found.pixels = view.getUint16(segment.at + 5) * view.getUint16(segment.at + 7); return found; }
    if (isExif(bytes, segment) && !found.exif) found.exif = upright(bytes.slice(segment.at, segment.at + segment.length));
  }
  return found.exif ? found : null;
}

/** The picture was turned when it was drawn; its note must not turn it again. */
function upright(exif) {
  const view = new DataView(exif);
  const start = 10;
  if (exif.byteLength < start + 14) return exif;
  const little = view.getUint16(start) === 0x4949;
  const first = start + view.getUint32(start + 4, little);
  if (first + 2 > exif.byteLength) return exif;
  const count = view.getUint16(first, little);
  for (let n = 0; n < count; n += 1) {
    const at = first + 2 + n * 12;
    if (at + 12 > exif.byteLength) break;
    if (view.getUint16(at, little) === 0x0112) view.setUint16(at + 8, 1, little);
  }
  return exif;
}

/** The picture with the camera's facts in it. */
export function withFacts(bytes, exif) {
  const whole = new Uint8Array(bytes.byteLength + exif.byteLength);
  whole.set(new Uint8Array(bytes, 0, 2));
  whole.set(new Uint8Array(exif), 2);
  whole.set(new Uint8Array(bytes, 2), 2 + exif.byteLength);
  return whole.buffer;
}

/** The picture without them again, when its sender has thought better of showing a name. */
export function withoutFacts(bytes) {
  for (const segment of segments(bytes)) {
    if (!isExif(bytes, segment)) continue;
    const whole = new Uint8Array(bytes.byteLength - segment.length);
    whole.set(new Uint8Array(bytes, 0, segment.at));
    whole.set(new Uint8Array(bytes, segment.at + segment.length), segment.at);
    return whole.buffer;
  }
  return bytes;
}
