/* The drawn sets of `autograd_lite.datasets`, point for point. */

const DRAWN = {
  moons(label, t) {
    const a = Math.cos(Math.PI * t), b = Math.sin(Math.PI * t);
    return label === 0 ? [a, b] : [1 - a, 0.5 - b];
  },
  circles(label, t, rng) {
    const radius = label === 0 ? 1 : 0.5, angle = 2 * Math.PI * rng.random();
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
  xor(label, t, rng) {
    const a = rng.random(), b = rng.random(), sign = rng.below(2) ? 1 : -1;
    return label === 0 ? [sign * a, sign * b] : [sign * a, -sign * b];
  },
  spirals(label, t) {
    const radius = 0.2 + 1.8 * t, angle = Math.PI * (3 * t + label);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
};

/** Return the points of a set, as rows and classes. */
function pointsOf(kind, n, noise, seed) {
  const rng = new Random(seed), points = [];
  [n - Math.floor(n / 2), Math.floor(n / 2)].forEach((count, label) => {
    for (let i = 0; i < count; i++) {
      const [a, b] = DRAWN[kind](label, i / Math.max(count - 1, 1), rng);
      points.push([a + rng.gauss(0, noise), b + rng.gauss(0, noise), label]);
    }
  });
  rng.shuffle(points);
  return { rows: points.map(([a, b]) => [a, b]), targets: points.map(([, , label]) => label) };
}
