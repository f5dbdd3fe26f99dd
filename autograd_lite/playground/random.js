/* Python's random generator: the same numbers from the same seed, so a page draws the same as `random.Random(seed)`. */

class Random {
  constructor(seed) {
    const words = [];
    for (let rest = BigInt(seed < 0 ? -seed : seed); rest > 0n || !words.length;
      rest >>= 32n) words.push(Number(rest & 0xffffffffn));
    this.state = new Uint32Array(624);
    this.at = 624;
    this.next = null; // the second of a pair of normal numbers
    this.fill(words);
  }

  /** The seeding of the Mersenne Twister by a list of words. */
  fill(words) {
    const s = this.state;
    s[0] = 19650218;
    for (let i = 1; i < 624; i++) s[i] = Math.imul(1812433253, s[i - 1] ^ (s[i - 1] >>> 30)) + i;
    let i = 1, j = 0;
    for (let k = Math.max(624, words.length); k; k--) {
      s[i] = (s[i] ^ Math.imul(s[i - 1] ^ (s[i - 1] >>> 30), 1664525)) + words[j] + j;
      i++;
      j = (j + 1) % words.length;
      if (i >= 624) {
        s[0] = s[623];
        i = 1;
      }
    }
    for (let k = 623; k; k--) {
      s[i] = (s[i] ^ Math.imul(s[i - 1] ^ (s[i - 1] >>> 30), 1566083941)) - i;
      i++;
      if (i >= 624) {
        s[0] = s[623];
        i = 1;
      }
    }
    s[0] = 0x80000000;
  }

  word() {
    const s = this.state;
    if (this.at >= 624) {
      for (let k = 0; k < 624; k++) {
        const y = (s[k] & 0x80000000) | (s[(k + 1) % 624] & 0x7fffffff);
        s[k] = s[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.at = 0;
    }
    let y = s[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  random() {
    const high = this.word() >>> 5, low = this.word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Return an integer below n, as `_randbelow`: bits are drawn until they are small enough. */
  below(n) {
    const bits = 32 - Math.clz32(n);
    let found = this.word() >>> (32 - bits);
    while (found >= n) found = this.word() >>> (32 - bits);
    return found;
  }

  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1), kept = list[i];
      list[i] = list[j];
      list[j] = kept;
    }
    return list;
  }

  uniform(a, b) {
    return a + (b - a) * this.random();
  }

  gauss(mean, deviation) {
    let z = this.next;
    this.next = null;
    if (z === null) {
      const angle = this.random() * (2 * Math.PI), radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * radius;
      this.next = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  }
}
