// A ZIP file of stored (not squeezed) parts, so that a report can leave this phone as one file.
const TABLE = new Uint32Array(256).map((_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

function record(size, ...numbers) {
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  for (const [width, value] of numbers) {
    if (width === 2) view.setUint16(at, value, true); else view.setUint32(at, value, true);
    at += width;
  }
  return new Uint8Array(view.buffer);
}

const dosDate = (at) => ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
const dosTime = (at) => (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);

/** files: [{name, bytes: Uint8Array}] */
export function zip(files, at = new Date()) {
  const [body, index] = [[], []];
  let offset = 0;
  for (const { name, bytes } of files) {
    const title = new TextEncoder().encode(name);
    const about = [[2, 20], [2, 0x0800], [2, 0], [2, dosTime(at)], [2, dosDate(at)], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, title.length], [2, 0]];
    const local = record(30, [4, 0x04034b50], ...about);
    index.push(record(46, [4, 0x02014b50], [2, 20], ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), title);
    body.push(local, title, bytes);
    offset += local.length + title.length + bytes.length;
  }
  const length = index.reduce((sum, part) => sum + part.length, 0);
  const end = record(22, [4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, length], [4, offset], [2, 0]);
  return new Blob([...body, ...index, end], { type: "application/zip" });
}
