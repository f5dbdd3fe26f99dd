/* ------------------------------------------------------------------------------------------------ sums over rows */

INLINE group all(double x)
{
    return (group){x, x, x, x, x, x, x, x};
}

/* Let the lanes to spare behind the rows of a block add nothing to a sum. */
static void clear_rest(double *line, long rows)
{
    for (long l = rows; l % GROUP; l++) line[l] = 0.0;
}

static void add_line(double *partial, double *line, long rows)
{
    group sum = *(group *)partial;
    clear_rest(line, rows);
    for (long l = 0; l < rows; l += GROUP) sum += *(group *)(line + l);
    *(group *)partial = sum;
}

/* --------------------------------------------------------------------------------------------------------- layers */

/* Units that read the same n inputs run together, tile by tile. The sums of a *tile*, of four units in two groups of
   lanes or of four units by four inputs, stay in registers until they are complete; each is taken in the order that it
   has without the others. Where less than a tile is left, units, inputs and groups run one by one. */
#define SOME(k, count, most) ((k) + (most) <= (count) ? (most) : 1)
#define TILES(tile, a, b, most, ...) \
    if ((a) == TILE && (b) == (most)) tile(TILE, most, __VA_ARGS__); \
    else if ((a) == TILE) tile(TILE, 1, __VA_ARGS__); \
    else if ((b) == (most)) tile(1, most, __VA_ARGS__); \
    else tile(1, 1, __VA_ARGS__)

struct layer {
    long units, n, width;
    const int *inputs, *weights; /* lines; numbers: unit u has its n and its bias from place (2 n + 1) u on */
    const int *dx, *dw; /* where the gradients by the inputs go; the partial sums of those by the weights */
    double *v, *g, *z, *dz; /* z is the line of the first unit in v, dz that in g: those of the others follow */
    double *partial;
    double *packed; /* the weights of a tile of units: all of the first input, of the second, ..., the biases */
};

INLINE struct layer layer_of(const struct run *r, long i)
{
    const struct nodes *t = &r->each;
    const long start = t->starts[i], n = (t->starts[i + 1] - start - 1) / 2, first = r->width * (t->first + i);
    const int *inputs = t->operands + start, *to = t->to + start;
    return (struct layer){t->units[i], n, r->width, inputs, inputs + n, to, to + n,
                          r->v, r->g, r->v + first, r->g + first, r->partial, r->weights + start};
}

static void gather_weights(const struct run *r)
{
    for (long i = 0; i < r->count; i++) {
        if (r->each.units[i] <= 0) continue;
        const struct layer y = layer_of(r, i);
        double *to = y.packed;
        for (long u = 0, some; u < y.units; u += some) {
            some = SOME(u, y.units, TILE);
            for (long k = 0; k <= y.n; k++)
                for (long j = u; j < u + some; j++) *to++ = r->numbers[y.weights[(2 * y.n + 1) * j + k]];
        }
    }
}

#define GROUP_AT(lines, line, l) (*(group *)((lines) + y.width * (line) + (l)))

/* Forward: units from u on, groups of lanes from l on. */
INLINE void weigh_tile(const int units, const int groups, const struct layer y, long u, long l)
{
    const double *w = y.packed + u * (y.n + 1);
    group sum[TILE][GROUPS];
    for (int j = 0; j < units; j++)
        for (int m = 0; m < groups; m++) sum[j][m] = all(w[units * y.n + j]);
    for (long k = 0; k < y.n; k++)
        for (int m = 0; m < groups; m++) {
            const group x = GROUP_AT(y.v, y.inputs[k], l + GROUP * m);
            for (int j = 0; j < units; j++) sum[j][m] = sum[j][m] + w[units * k + j] * x;
        }
    for (int j = 0; j < units; j++)
        for (int m = 0; m < groups; m++) GROUP_AT(y.z, u + j, l + GROUP * m) = sum[j][m];
}

/* Backward, to inputs from k on: the last unit's share comes first. */
INLINE void share_tile(const int inputs, const int groups, const struct layer y, long k, long l)
{
    group sum[TILE][GROUPS];
    for (int i = 0; i < inputs; i++)
        for (int m = 0; m < groups; m++) sum[i][m] = GROUP_AT(y.g, y.dx[k + i], l + GROUP * m);
    for (long u = y.units - 1; u >= 0; u--) {
        const long units = u < y.units / TILE * TILE ? TILE : 1, j = units > 1 ? u % TILE : 0;
        const double *w = y.packed + (u - j) * (y.n + 1) + units * k + j;
        for (int m = 0; m < groups; m++) {
            const group dz = GROUP_AT(y.dz, u, l + GROUP * m);
            for (int i = 0; i < inputs; i++) sum[i][m] = sum[i][m] + dz * w[units * i];
        }
    }
    for (int i = 0; i < inputs; i++)
        for (int m = 0; m < groups; m++) GROUP_AT(y.g, y.dx[k + i], l + GROUP * m) = sum[i][m];
}

/* Backward, to the weights of units from u on and inputs from k on. */
INLINE void slope_tile(const int units, const int inputs, const struct layer y, long u, long k, long rows)
{
    group sum[TILE][TILE], *to[TILE];
    for (int j = 0; j < units; j++) {
        to[j] = (group *)(y.partial + GROUP * (~y.dw[(2 * y.n + 1) * (u + j)] + k));
        for (int i = 0; i < inputs; i++) sum[j][i] = to[j][i];
    }
    for (long l = 0; l < rows; l += GROUP)
        for (int i = 0; i < inputs; i++) {
            const group x = GROUP_AT(y.v, y.inputs[k + i], l);
            for (int j = 0; j < units; j++) sum[j][i] = sum[j][i] + GROUP_AT(y.dz, u + j, l) * x;
        }
    for (int j = 0; j < units; j++)
        for (int i = 0; i < inputs; i++) to[j][i] = sum[j][i];
}

static void weigh(const struct run *r, long i, long lanes)
{
    const struct layer y = layer_of(r, i);
    for (long l = 0, groups; l < lanes; l += GROUP * groups) {
        groups = SOME(l / GROUP, lanes / GROUP, GROUPS);
        for (long u = 0, units; u < y.units; u += units) {
            units = SOME(u, y.units, TILE);
            TILES(weigh_tile, units, groups, GROUPS, y, u, l);
        }
    }
}

static void weigh_back(const struct run *r, long i, long lanes, long rows)
{
    const struct layer y = layer_of(r, i);
    for (long l = 0, groups; l < lanes; l += GROUP * groups) {
        groups = SOME(l / GROUP, lanes / GROUP, GROUPS);
        for (long k = 0, inputs, asked; k < y.n; k += inputs) {
            inputs = SOME(k, y.n, TILE), asked = 0;
            for (long j = k; j < k + inputs; j++) asked |= y.dx[j];
            if (asked) TILES(share_tile, inputs, groups, GROUPS, y, k, l);
        }
    }
    for (long k = 0; k < y.n; k++) clear_rest(y.v + y.width * y.inputs[k], rows);
    for (long u = 0; u < y.units; u++)
        add_line(y.partial + GROUP * (~y.dw[(2 * y.n + 1) * u] + y.n), y.dz + y.width * u, rows);
    for (long u = 0, units; u < y.units; u += units) {
        units = SOME(u, y.units, TILE);
        for (long k = 0, inputs; k < y.n; k += inputs) {
            inputs = SOME(k, y.n, TILE);
            TILES(slope_tile, units, inputs, TILE, y, u, k, rows);
        }
    }
}

