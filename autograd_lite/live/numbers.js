/* Numbers as Python shows them: halves to even, the same digits as on the cards of a picture. */

/** Return the digits of a number, rounded half to even to so many, and the exponent of the first. */
function rounded(x, count) {
  const size = Math.abs(x);
  const longer = size.toExponential(count), end = longer.indexOf("e"), next = longer[end - 1];
  if (next < "5") return [longer[0] + longer.slice(2, end - 1), Number(longer.slice(end + 1))];
  if (next > "5") { // no half: here JavaScript rounds as Python does, and fast
    const [text, power] = size.toExponential(count - 1).split("e");
    return [text.replace(".", ""), Number(power)];
  }
  const [text, power] = size.toExponential(60).split("e");
  const digits = text.replace(".", ""), head = digits.slice(0, count), rest = digits.slice(count);
  const half = "5".padEnd(rest.length, "0");
  const up = rest > half || (rest === half && Number(head.at(-1)) % 2 === 1);
  if (!up) return [head, Number(power)];
  const more = String(BigInt(head) + 1n).padStart(count, "0");
  return more.length > count ? [more.slice(0, count), Number(power) + 1] : [more, Number(power)];
}

/** Return a number with so many digits after the point. */
function fixed(x, places) {
  const exponent = Number(Math.abs(x).toExponential().split("e")[1]), count = exponent + 1 + places;
  if (count < 1) { // all digits lie behind the last place: 0, or 1 there where the first of them is over 5
    const up = count === 0 && Math.abs(x).toExponential(60) > `5.${"0".repeat(60)}e`;
    return fixed(up ? 10 ** -places : 0, places);
  }
  const [digits, first] = rounded(x, count), [whole, rest] = parted(digits.padEnd(first + 1 + places, "0"), first);
  return places ? `${whole}.${rest.slice(0, places)}` : whole;
}

/** Return the digits before the point and those after it; the first of them has an exponent. */
const parted = (digits, exponent) => (exponent < 0 ? ["0", "0".repeat(-exponent - 1) + digits]
  : [digits.slice(0, exponent + 1), digits.slice(exponent + 1)]);

const unended = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/[.]$/, "") : text);

/** Return a number to so many significant digits, with an exponent where it would be long without one. */
function number(x, digits = 6) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "−inf";
  const [found, exponent] = rounded(x, digits), sign = x < 0 ? "−" : "";
  if (exponent >= -Math.max(3, digits - 2) && exponent < Math.max(5, digits)) {
    return sign + (exponent < digits - 1 ? unended(parted(found, exponent).join(".")) : fixed(x, 0));
  }
  const mantissa = unended(digits > 1 ? `${found[0]}.${found.slice(1)}` : found);
  return `${sign}${mantissa}e${String(exponent).replace("-", "−")}`;
}

/** Return a number with every digit, as Python's repr writes it. */
function full(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (x !== 0 && Math.abs(x) < 1e15 && Math.abs(x) >= 1e-4) return Number.isInteger(x) ? `${x}.0` : String(x);
  const [mantissa, power] = Math.abs(x).toExponential().split("e");
  const digits = mantissa.replace(".", ""), exponent = Number(power), sign = x < 0 || Object.is(x, -0) ? "-" : "";
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

const signed = (x) => (x >= 0 ? "+" : "") + number(x);

/** Read a number as people write it: a decimal comma, a true minus sign, a fraction; NaN for anything else. */
function readNumber(text) {
  const parts = text.trim().replaceAll("−", "-").replaceAll(",", ".").split("/");
  const plain = /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[-+]?[0-9]{1,4})?$/i;
  if (text.length > 64 || parts.length > 2 || !parts.every((part) => plain.test(part.trim()))) return NaN;
  const [top, bottom] = parts.map(Number);
  const found = bottom === undefined ? top : bottom === 0 ? NaN : top / bottom;
  return Number.isFinite(found) ? found : NaN;
}
