// The work a phone does before it sends (webapp/citizen/proof.py): it looks for the number below `most` with which
// the salt hashes to the target. SHA-256 is written out here, because crypto.subtle takes longer to be asked than
// to answer. As a worker it solves what it is sent; the service worker imports it and calls hoidapSolve itself.
(function (scope) {
  "use strict";
  // Milliseconds; whoever is slower goes by the slower lane. A service worker that counts answers no page.
  const BUDGET = typeof ServiceWorkerGlobalScope === "undefined" ? 20000 : 2000;
  const primes = (count) => {
    const found = [];
    for (let n = 2; found.length < count; n += 1) if (found.every((p) => n % p)) found.push(n);
    return found;
  };
  const bits = (n, power) => { const x = n ** power; return ((x - Math.floor(x)) * 4294967296) | 0; };
  const START = Int32Array.from(primes(8), (n) => bits(n, 1 / 2));
  const K = Int32Array.from(primes(64), (n) => bits(n, 1 / 3));
  const w = new Int32Array(64);
  const out = new Int32Array(8);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  /** SHA-256 of one block whose sixteen words are in `w`; the result is in `out`. */
  function block() {
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      w[i] = (w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
    }
    let a = START[0], b = START[1], c = START[2], d = START[3], e = START[4], f = START[5], g = START[6], h = START[7];
    for (let i = 0; i < 64; i += 1) {
      const s = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const t = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
    }
    out[0] = START[0] + a; out[1] = START[1] + b; out[2] = START[2] + c; out[3] = START[3] + d;
    out[4] = START[4] + e; out[5] = START[5] + f; out[6] = START[6] + g; out[7] = START[7] + h;
  }

  /** Lay a short text of ASCII (at most 55 letters) into `w` as a padded block. */
  function lay(text) {
    w.fill(0, 0, 16);
    for (let i = 0; i < text.length; i += 1) w[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    w[15] = text.length * 8;
  }

  /** The number, or null when there is none or it takes too long. */
  function solve({ salt, target, most }) {
    const wanted = target.match(/.{8}/g).map((word) => parseInt(word, 16) | 0);
    const began = Date.now();
    for (let number = 0; number < most; number += 1) {
      lay(`${salt}.${number}`);
      block();
      if (out[0] === wanted[0] && wanted.every((word, i) => word === out[i])) return { salt, number };
      if (!(number % 4096) && Date.now() - began > BUDGET) return null;
    }
    return null;
  }

  scope.hoidapSolve = (task) => Promise.resolve(solve(task));
  if (typeof DedicatedWorkerGlobalScope !== "undefined" && scope instanceof DedicatedWorkerGlobalScope) {
    scope.onmessage = ({ data }) => { scope.postMessage(solve(data)); };
  }
})(self);
