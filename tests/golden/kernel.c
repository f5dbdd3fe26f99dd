/* Replay a tape: two loops over its nodes, forward and backward, around an arm for each row of the table.

   One row of arguments runs on `numbers` and `gradients`, one of each for a slot; the arms stand in the loops. Many
   rows run side by side, a *lane* for each: a slot has a *line* of `width` lanes in `v`, and one of gradients in `g`;
   the arms are functions of lines, in a table. Slots are of two kinds there. One that *varies* from row to row has
   lines. A *uniform* one (a parameter, a constant, what is computed from these alone, once) is a number; where an arm
   needs it beside lines, a line is filled with it. Its gradient by each of its uses is a sum over the rows. Such a sum
   has one order on every machine: in a *chunk* of rows, row i goes to partial sum i mod 8; the eight are added from the
   first to the last, and the chunks' sums in their order. Eight lanes are a *group*. The last group of a block may have
   lanes to spare: what is computed there goes nowhere. */

#include <math.h>
#include <string.h>

#define GROUP 8 /* lanes */
#define WIDEST 120 /* lanes */
#define AHEAD 8192 /* nodes: the operands of a long tape that stand less far back are near when backward comes to them */
#ifdef __AVX512F__
#define TILE 4 /* units, or inputs, whose sums fit into registers side by side */
#else
#define TILE 2
#endif
#define GROUPS 2 /* of lanes beside them */
#define INLINE static inline __attribute__((always_inline))
#define FUNCTION static __attribute__((noinline))

#define EACH for (long l = 0; l < lanes; l++)
#ifdef __clang__
#define SIDE_BY_SIDE _Pragma("clang loop vectorize(assume_safety)")
#else
#define SIDE_BY_SIDE _Pragma("GCC ivdep")
#endif
#define LANES SIDE_BY_SIDE for (long l = 0; l < (lanes & -GROUP); l++) /* which tells that they are whole groups */

typedef double group __attribute__((vector_size(64), aligned(8), may_alias));

struct nodes {
    long long first; /* the line of the first one's result; those of the others follow */
    const unsigned short *codes;
    const int *starts, *operands; /* where a node's operands start; their lines */
    const int *to; /* where the gradient by an operand goes: to a line, nowhere (0), or into partial sums i (~i) */
    const unsigned char *live; /* whether a gradient runs through a node; where one row runs, of each slot */
    const int *units; /* where many run: of the first weighted sum of a layer, how many there are; of the others, -1 */
};

struct guards {
    long long count;
    const int *how, *left, *right, *held; /* a comparison, two lines, and how it must come out */
};

struct run {
    /* what runs once: ranges of nodes */
    struct nodes once;
    struct guards once_guards;
    long long ranges, seed;
    const int *range;
    double *numbers, *gradients, *lists;
    /* what runs for each row */
    struct nodes each;
    struct guards guards;
    long long count, width, arguments, filled, outputs, uses, seed_use, chunk;
    const int *fill; /* of a filled line: the slot; they follow the arguments' lines, which follow line 0 */
    const int *output; /* lines */
    const int *used; /* of each use of a uniform slot: the slot */
    double *v, *g, *weights; /* of layers, as layers.c arranges them */
    double *partial, *sums; /* of each use, and of the first output: eight partial sums, and their sum */
    /* what is to be done */
    long long forward, backward, gradient; /* of what runs once; of the rows, their gradient, too */
    long long begin, end;
    long long row_step, column_step; /* how far rows, and columns, stand apart */
    const double *rows;
    long long result_step, output_step;
    double *results;
    unsigned char *held;
    long long refused; /* whether a guard does not hold */
};


#include <math.h>
#include <stdlib.h>

typedef struct { double *at, near[32]; } list_room;

static inline void discard(list_room *room) { if (room->at != room->near) free(room->at); }

#define LIST(name, length) \
    const long n_##name = (length); \
    __attribute__((cleanup(discard))) list_room room_of_##name; \
    double *const name = room_of_##name.at = \
        n_##name <= 32 ? room_of_##name.near : (double *)malloc((size_t)n_##name * sizeof(double))

static inline double power(double a, double b) { return b == 2.0 ? a * a : pow(a, b); }

static inline double mod(double a, double b) {
    const double rest = fmod(a, b);
    return rest == 0.0 ? __builtin_copysign(0.0, b) : (b < 0.0) != (rest < 0.0) ? rest + b : rest;
}

static inline double floor_divide(double a, double b) {
    const double rest = fmod(a, b);
    const double quotient = (a - rest) / b - (rest != 0.0 && (b < 0.0) != (rest < 0.0) ? 1.0 : 0.0);
    const double whole = __builtin_floor(quotient);
    if (b == 0.0) return a / b;
    return quotient == 0.0 ? __builtin_copysign(0.0, a / b) : quotient - whole > 0.5 ? whole + 1.0 : whole;
}

static inline double divide(double a, double b) { return a / b; }

static inline double value_0(double a0, double a1) {
    return a0 * a1;
}

static inline double partial_0_0(double out, double a0, double a1) {
    return a1;
}

static inline double partial_0_1(double out, double a0, double a1) {
    return a0;
}

static inline double value_1(double a0) {
    return a0 <= 0.0 ? 0.0 : a0;
}

static inline double partial_1_0(double out, double a0) {
    return a0 <= 0.0 ? 0.0 : a0 > 0.0 ? 1.0 : a0;
}

static inline double start_2(double a2) {
    return a2;
}

static inline double step_2(double out, double a0, double a1, double a2) {
    return out + a0 * a1;
}

static inline double partial_2_0(double out, double a0, double a1, double a2) {
    return a1;
}

static inline double partial_2_1(double out, double a0, double a1, double a2) {
    return a0;
}

static inline double partial_2_2(double out, double a0, double a1, double a2) {
    return 1.0;
}

FUNCTION long ag__peak(const double *xs, long n_xs) {
    long peak;
    peak = 0;
    for (long k_1 = 1; k_1 < n_xs; k_1++) {
        if (xs[k_1] > xs[peak]) {
            peak = k_1;
        }
    }
    return peak;
}

FUNCTION double ag_largest(const double *xs, long n_xs) {
    double result;
    result = xs[0];
    for (long k_1 = 0; k_1 < n_xs; k_1++) {
        if (xs[k_1] > result || !(xs[k_1] <= xs[k_1])) {
            result = xs[k_1];
        }
    }
    return result;
}

FUNCTION double ag__exp_of_difference(double x, double m) {
    double d, back, rest;
    d = x - m;
    if (d < -750.0) {
        return 0.0;
    }
    back = d - x;
    rest = x - (d - back) - (m + back);
    return exp(d) * (1.0 + rest);
}

FUNCTION double ag__rest_at(const double *xs, long n_xs, long peak) {
    double rest;
    rest = 0.0;
    for (long k_1 = 0; k_1 < n_xs; k_1++) {
        if (k_1 != peak) {
            rest = rest + ag__exp_of_difference(xs[k_1], xs[peak]);
        }
    }
    return rest;
}

FUNCTION double ag_logsumexp(const double *xs, long n_xs) {
    long peak;
    double m;
    peak = ag__peak(xs, n_xs);
    m = xs[peak];
    if (m == INFINITY || m == -INFINITY) {
        return ag_largest(xs, n_xs);
    }
    return m + log1p(ag__rest_at(xs, n_xs, peak));
}

FUNCTION double value_3(const double *a0, long n_a0) {
    return ag_logsumexp(a0, n_a0);
}

FUNCTION long ag__count(const double *xs, long n_xs, double value) {
    long count;
    count = 0;
    for (long k_1 = 0; k_1 < n_xs; k_1++) {
        if (xs[k_1] <= value && xs[k_1] >= value) {
            count = count + 1;
        }
    }
    return count;
}

FUNCTION double ag_total(const double *xs, long n_xs) {
    double result;
    result = xs[0];
    for (long k_1 = 1; k_1 < n_xs; k_1++) {
        result = result + xs[k_1];
    }
    return result;
}

FUNCTION void ag_softmax(const double *xs, long n_xs, double *to) {
    double m, scale;
    m = ag_largest(xs, n_xs);
    if (m == INFINITY) {
        if (ag__count(xs, n_xs, m) > 1) {
            for (long k_1 = 0; k_1 < n_xs; k_1++) {
                to[k_1] = NAN;
            }
        } else {
            for (long k_2 = 0; k_2 < n_xs; k_2++) {
                to[k_2] = xs[k_2] == m ? 1.0 : 0.0;
            }
        }
        return;
    }
    LIST(powers, n_xs);
    for (long k_3 = 0; k_3 < n_xs; k_3++) {
        powers[k_3] = ag__exp_of_difference(xs[k_3], m);
    }
    scale = ag_total(powers, n_powers);
    for (long k_4 = 0; k_4 < n_powers; k_4++) {
        to[k_4] = divide(powers[k_4], scale);
    }
    return;
}

FUNCTION void partial_3_0(double out, const double *a0, long n_a0, double *to) {
    ag_softmax(a0, n_a0, to);
    return;
}

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

/* ---------------------------------------------------------------------------------------- the rows of the table */

typedef void value_function(long lanes, double *out, const double *const *a);
typedef void partial_function(long lanes, double *to, const double *grad, const double *out, const double *const *a);

#define VALUE(name, value) \
    static void name(long lanes, double *out, const double *const *a) { LANES out[l] = value; }
#define PARTIAL(name, partial) \
    static void name(long lanes, double *to, const double *grad, const double *out, const double *const *a) \
    { LANES to[l] += grad[l] * (partial); }

VALUE(lanes_0, value_0(a[0][l], a[1][l]))
PARTIAL(lanes_0_0, partial_0_0(out[l], a[0][l], a[1][l]))
PARTIAL(lanes_0_1, partial_0_1(out[l], a[0][l], a[1][l]))
VALUE(lanes_1, value_1(a[0][l]))
PARTIAL(lanes_1_0, partial_1_0(out[l], a[0][l]))
VALUE(lanes_2, start_2(a[2][l]))
VALUE(step_lanes_2, step_2(out[l], a[0][l], a[1][l], a[2][l]))
PARTIAL(lanes_2_0, partial_2_0(out[l], a[0][l], a[1][l], a[2][l]))
PARTIAL(lanes_2_1, partial_2_1(out[l], a[0][l], a[1][l], a[2][l]))
PARTIAL(lanes_2_2, partial_2_2(out[l], a[0][l], a[1][l], a[2][l]))
static double value_of_lists_3(const double *xs, long n) { return value_3(xs + 0, n); }
static void partials_of_lists_3(double out, const double *xs, long n, double *slopes) {
    partial_3_0(out, xs + 0, n, slopes + 0);
}
static const struct row {
    const char *kinds; /* of operands and settings: * for a list, . for a number */
    int operands, lists, numbers; /* how many: without settings; lists; numbers, settings and all */
    value_function *value, *step; /* of a fold: the start, and the step */
    partial_function *partials[3]; /* by an operand, or by an entry of it */
    double (*value_of_lists)(const double *xs, long n); /* or, of all operands at once, */
    void (*partials_of_lists)(double out, const double *xs, long n, double *slopes);
} table[] = {
    {"..", 2, 0, 2, lanes_0, 0, {lanes_0_0, lanes_0_1}, 0, 0}, /* mul */
    {".", 1, 0, 1, lanes_1, 0, {lanes_1_0}, 0, 0}, /* relu */
    {"**.", 3, 2, 1, lanes_2, step_lanes_2, {lanes_2_0, lanes_2_1, lanes_2_2}, 0, 0}, /* dot */
    {"*", 1, 1, 0, 0, 0, {0}, value_of_lists_3, partials_of_lists_3}, /* logsumexp */
};

/* Return how long the lists of a node are. */
static long length(const struct row *row, long count)
{
    const long flat = count - row->numbers;
    return row->lists > 1 ? flat / row->lists : row->lists ? flat : 0; /* a division takes its time */
}

/* -------------------------------------------------------------------------------------------------------- one row */

#define X(k) numbers[at[k]]
#define GATHER for (long k = 0; k < count; k++) xs[k] = X(k)
#define HAND_ON(k, derivative) gradients[at[k]] += grad * (derivative)
#define HAND_ON_SLOW(k, derivative) if (live[at[k]]) HAND_ON(k, derivative) /* what nobody may ask for */

static void forward(const struct run *r, long begin, long end)
{
    const unsigned short *codes = r->once.codes;
    const int *starts = r->once.starts, *operands = r->once.operands;
    double *numbers = r->numbers, *results = numbers + r->once.first, *xs = r->lists;
    for (long i = begin; i < end; i++) {
        const int *at = operands + starts[i];
        const long count = starts[i + 1] - starts[i];
        double out;
        switch (codes[i]) {
        case 0: { /* mul */
            out = value_0(X(0), X(1));
            break; }
        case 1: { /* relu */
            out = value_1(X(0));
            break; }
        case 2: { /* dot */
            const long n = (count - 1) / 2;
            out = start_2(X(2 * n + 0));
            for (long k = 0; k < n; k++) out = step_2(out, X(0 + k), X(1 * n + 0 + k), X(2 * n + 0));
            break; }
        case 3: { /* logsumexp */
            const long n = (count - 0) / 1;
            GATHER;
            out = value_of_lists_3(xs, n);
            break; }
        default: __builtin_unreachable();
        }
        results[i] = out;
    }
}

FUNCTION void backward(const struct run *r, long begin, long end)
{
    const unsigned short *codes = r->once.codes;
    const unsigned char *live = r->once.live;
    const int *starts = r->once.starts, *operands = r->once.operands;
    const long first = r->once.first;
    double *numbers = r->numbers, *gradients = r->gradients, *xs = r->lists;
    for (long i = end - 1; i >= begin; i--) {
        if (i >= AHEAD) {
            __builtin_prefetch(numbers + first + i - AHEAD);
            __builtin_prefetch(gradients + first + i - AHEAD, 1);
        }
        if (!live[first + i]) continue;
        const int *at = operands + starts[i];
        const long count = starts[i + 1] - starts[i];
        const double out = numbers[first + i], grad = gradients[first + i];
        gradients[first + i] = 0.0; /* clean for the next run */
        switch (codes[i]) {
        case 0: { /* mul */
            HAND_ON(0, partial_0_0(out, X(0), X(1)));
            HAND_ON(1, partial_0_1(out, X(0), X(1)));
            break; }
        case 1: { /* relu */
            HAND_ON(0, partial_1_0(out, X(0)));
            break; }
        case 2: { /* dot */
            const long n = (count - 1) / 2;
            for (long k = 0; k < n; k++) HAND_ON(0 + k, partial_2_0(out, X(0 + k), X(1 * n + 0 + k), X(2 * n + 0)));
            for (long k = 0; k < n; k++) HAND_ON(1 * n + 0 + k, partial_2_1(out, X(0 + k), X(1 * n + 0 + k), X(2 * n + 0)));
            HAND_ON(2 * n + 0, partial_2_2(out, 0.0, 0.0, X(2 * n + 0)));
            break; }
        case 3: { /* logsumexp */
            const long n = (count - 0) / 1;
            GATHER;
            partials_of_lists_3(out, xs, n, xs + count);
            for (long k = 0; k < count; k++) HAND_ON(k, xs[count + k]);
            break; }
        default: __builtin_unreachable();
        }
    }
}

/* ------------------------------------------------------------------------------------------------------ many rows */

/* Find the lines of a node's operands; of a list, that of entry k. */
static void find(const struct run *r, const struct row *row, const int *at, long n, long k, const double **a)
{
    for (long j = 0; j < row->lists + row->numbers; j++) {
        a[j] = r->v + r->width * at[row->kinds[j] == '*' ? k : 0];
        at += row->kinds[j] == '*' ? n : 1;
    }
}

static void forward_lanes(const struct run *r, long lanes)
{
    const struct nodes *t = &r->each;
    const double *a[3];
    double *xs = r->lists;
    for (long i = 0; i < r->count; i++) {
        const struct row *row = &table[t->codes[i]];
        const int *at = t->operands + t->starts[i];
        const long count = t->starts[i + 1] - t->starts[i], n = length(row, count);
        double *out = r->v + r->width * (t->first + i);
        if (t->units[i] < 0) continue;
        if (t->units[i]) weigh(r, i, lanes);
        else if (row->value_of_lists) EACH {
            for (long k = 0; k < count; k++) xs[k] = r->v[r->width * at[k] + l];
            out[l] = row->value_of_lists(xs, n);
        } else {
            find(r, row, at, n, 0, a);
            row->value(lanes, out, a);
            for (long k = 0; k < n; k++) find(r, row, at, n, k, a), row->step(lanes, out, a);
        }
    }
}

/* Add to the gradient by an operand, on a line or in partial sums. */
static void hand_on(const struct run *r, long target, partial_function *partial, long lanes, long rows,
                    const double *grad, const double *out, const double *const *a)
{
    double share[WIDEST];
    if (target > 0) partial(lanes, r->g + r->width * target, grad, out, a);
    if (target >= 0) return;
    memset(share, 0, sizeof(double) * lanes);
    partial(lanes, share, grad, out, a);
    add_line(r->partial + GROUP * ~target, share, rows);
}

static void backward_lanes(const struct run *r, long lanes, long rows)
{
    const struct nodes *t = &r->each;
    const double *a[3];
    double *xs = r->lists;
    for (long i = r->count - 1; i >= 0; i--) {
        if (!t->live[i] || t->units[i] < 0) continue;
        const struct row *row = &table[t->codes[i]];
        const int *at = t->operands + t->starts[i], *to = t->to + t->starts[i];
        const long count = t->starts[i + 1] - t->starts[i], n = length(row, count);
        const double *out = r->v + r->width * (t->first + i);
        double *grad = r->g + r->width * (t->first + i);
        if (t->units[i]) weigh_back(r, i, lanes, rows);
        else if (row->partials_of_lists) EACH {
            for (long k = 0; k < count; k++) xs[k] = r->v[r->width * at[k] + l];
            row->partials_of_lists(out[l], xs, n, xs + count);
            for (long k = 0; k < count; k++) {
                const double share = grad[l] * xs[count + k];
                if (to[k] >= 0) r->g[r->width * to[k] + l] += share;
                else if (l < rows) r->partial[GROUP * ~to[k] + l % GROUP] += share;
            }
        } else for (long j = 0; j < row->operands; j++) {
            const long entries = row->kinds[j] == '*' ? n : 1;
            for (long k = 0; k < entries; k++) {
                find(r, row, at, n, k, a);
                hand_on(r, *to++, row->partials[j], lanes, rows, grad, out, a);
            }
        }
        memset(grad, 0, sizeof(double) * r->width * (t->units[i] ? t->units[i] : 1)); /* clean for the next run */
    }
}

static int compare(int how, double a, double b)
{
    switch (how) {
    case 0: return a < b;
    case 1: return a <= b;
    case 2: return a > b;
    case 3: return a >= b;
    case 4: return a == b;
    case 5: return a != b;
    }
    return 0;
}

static int holds(const struct guards *guards, long j, double a, double b)
{
    return compare(guards->how[j], a, b) == guards->held[j];
}

/* Write the arguments of a group of rows to their lines; a lane to spare has those of the last row. */
static void read_arguments(const struct run *r, long start, long l, long rows)
{
    const double *at[GROUP];
    for (long j = 0; j < GROUP; j++) at[j] = r->rows + r->row_step * (start + (l + j < rows ? l + j : rows - 1));
    for (long j = 0; j < GROUP; j++)
        for (long x = 0; x < r->arguments; x++) r->v[r->width * (1 + x) + l + j] = at[j][r->column_step * x];
}

/* Run the rows of a chunk, and add to the sums; where a guard does not hold for one, say so, and sum no more. */
static void run_chunk(struct run *r, long begin, long end)
{
    const struct nodes *t = &r->each;
    const long width = r->width, result = r->output[0];
    double *v = r->v, *g = r->g, *total = r->partial + GROUP * r->uses;
    memset(r->partial, 0, sizeof(double) * GROUP * (r->uses + 1));
    for (long start = begin; start < end; start += width) {
        const long rows = end - start < width ? end - start : width;
        const long lanes = (rows + GROUP - 1) / GROUP * GROUP;
        for (long l = 0; l < lanes; l += GROUP) read_arguments(r, start, l, rows);
        forward_lanes(r, lanes);
        for (long j = 0; j < r->outputs; j++)
            for (long l = 0; l < rows; l++)
                r->results[r->output_step * j + r->result_step * (start + l)] = v[width * r->output[j] + l];
        for (long j = 0; j < r->guards.count; j++)
            for (long l = 0; l < rows; l++)
                if (!holds(&r->guards, j, v[width * r->guards.left[j] + l], v[width * r->guards.right[j] + l]))
                    r->held[start + l] = 0, r->refused = 1;
        if (r->refused) continue;
        add_line(total, v + width * result, rows);
        if (!r->gradient) continue;
        if (result >= t->first && t->live[result - t->first])
            for (long l = 0; l < lanes; l++) g[width * result + l] = 1.0;
        backward_lanes(r, lanes, rows);
    }
    for (long j = 0; j <= r->uses; j++) {
        double sum = 0.0;
        for (long i = 0; i < GROUP; i++) sum += r->partial[GROUP * j + i];
        r->sums[j] += sum;
    }
}

/* Run the rows from `begin` to `end`, and sum. */
static void run_rows(struct run *r)
{
    for (long j = 0; j < r->filled; j++)
        for (long l = 0; l < r->width; l++)
            r->v[r->width * (1 + r->arguments + j) + l] = r->numbers[r->fill[j]];
    gather_weights(r);
    for (long j = 0; j <= r->uses; j++) r->sums[j] = 0.0;
    for (long begin = r->begin; begin < r->end; begin += r->chunk)
        run_chunk(r, begin, r->end - begin < r->chunk ? r->end : begin + r->chunk);
    if (r->seed_use >= 0) r->sums[r->seed_use] = r->end - r->begin; /* a result that no row changes */
}

void add_all(double *numbers, const double *others, long long count)
{
    for (long long i = 0; i < count; i++) numbers[i] += others[i];
}

void divide_all(double *numbers, long long count, double by)
{
    for (long long i = 0; i < count; i++) numbers[i] = numbers[i] / by;
}

/* Count the rows whose largest number, the first of several, stands in the column of this place. */
long long count_largest(const double *const *columns, long long count, const double *places, long long rows)
{
    long long found = 0;
    for (long long i = 0; i < rows; i++) {
        long long largest = 0;
        for (long long k = 1; k < count; k++)
            if (columns[k][i] > columns[largest][i]) largest = k;
        found += largest == places[i];
    }
    return found;
}

void run(struct run *r)
{
    const struct nodes *t = &r->once;
    double *numbers = r->numbers, *gradients = r->gradients;
    if (r->forward) {
        memset(gradients, 0, sizeof(double) * t->first);
        for (long j = 0; j < r->ranges; j++) forward(r, r->range[2 * j], r->range[2 * j + 1]);
        for (long j = 0; j < r->once_guards.count; j++)
            if (!holds(&r->once_guards, j, numbers[r->once_guards.left[j]], numbers[r->once_guards.right[j]]))
                r->refused = 1;
    }
    if (r->begin < r->end) run_rows(r);
    if (!r->backward || r->refused) return;
    if (r->seed >= 0) gradients[r->seed] = 1.0;
    for (long j = 0; j < r->uses; j++) gradients[r->used[j]] += r->sums[j];
    for (long j = r->ranges - 1; j >= 0; j--) backward(r, r->range[2 * j], r->range[2 * j + 1]);
}

/* The slots of many Values at once: the loops of sweep.py in C.

   They run while Python's lock is held, so Ctrl-C waits for their end. What they need of Python comes in a table of
   its functions, so no header of Python is needed, and one library serves each of its versions. A slot is a pointer at
   one place in each Value; `replay/slots.py` finds the places. A loop ends early at something that it does not know:
   a subclass of Value, a slot that holds no float. Python does the rest then. */

struct python {
    void *(*float_of)(double);
    void (*take)(void *), (*drop)(void *); /* a reference */
    void *(*in_list)(void *, long long), *(*in_tuple)(void *, long long);
    long long (*size_of_list)(void *), (*size_of_dict)(void *);
    int (*next_in_dict)(void *, long long *, void **, void **);
    void *(*attribute)(void *, void *), *(*entry)(void *, void *);
    void (*no_error)(void);
    void *list, *is_float, *value, *leaf; /* types */
    void *is_true, *unreached; /* objects */
    long long type, number, data, grad, assigned; /* places: of the type in an object, the number in a float, slots */
};

static struct python python;

#define SLOT(object, place) (*(void **)((char *)(object) + (place)))
#define IS(object, kind) ((object) && SLOT(object, python.type) == (kind))

void meet_python(const struct python *given) { python = *given; }

/* Return a Value of a list or a tuple; NULL for anything else. */
static void *value_at(void *values, long long i)
{
    void *value = (IS(values, python.list) ? python.in_list : python.in_tuple)(values, i);
    return IS(value, python.leaf) || IS(value, python.value) ? value : 0;
}

static void put(void *value, long long place, void *object)
{
    void *old = SLOT(value, place);
    SLOT(value, place) = object;
    if (old) python.drop(old);
}

#define EACH_VALUE(values, count) \
    int i = 0; \
    for (void *value; i < (count) && (value = value_at(values, i)); i++)
#define FLOAT_IN(name, place) \
    void *name##_object = SLOT(value, place); \
    if (!IS(name##_object, python.is_float)) break; \
    const double name = *(const double *)((const char *)name##_object + python.number)

int read_numbers(void *values, long long count, double *numbers)
{
    EACH_VALUE(values, count) {
        FLOAT_IN(number, python.data);
        numbers[i] = number;
    }
    return i;
}

int read_gradients(void *values, long long count, double *gradients)
{
    EACH_VALUE(values, count) {
        FLOAT_IN(gradient, python.grad);
        if (gradient_object == python.unreached) break;
        gradients[i] = gradient;
    }
    return i;
}

int write_numbers(void *values, long long count, const double *numbers)
{
    EACH_VALUE(values, count) {
        void *number = python.float_of(numbers[i]);
        if (!number) break;
        put(value, python.data, number);
        python.take(python.is_true);
        put(value, python.assigned, python.is_true);
    }
    return i;
}

int add_to_gradients(void *values, long long count, const double *shares)
{
    EACH_VALUE(values, count) {
        FLOAT_IN(gradient, python.grad);
        void *sum = python.float_of(gradient + shares[i]);
        if (!sum) break;
        put(value, python.grad, sum);
    }
    return i;
}

int clear_gradients(void *values, long long count)
{
    EACH_VALUE(values, count) {
        python.take(python.unreached);
        put(value, python.grad, python.unreached);
    }
    return i;
}

/* Compute where gradient descent moves each Value: p - rate * (g + decay * p). */
int step_down(void *values, long long count, double rate, double decay, double *moved)
{
    EACH_VALUE(values, count) {
        FLOAT_IN(number, python.data);
        FLOAT_IN(gradient, python.grad);
        if (gradient_object == python.unreached) break;
        moved[i] = number - rate * (decay ? gradient + decay * number : gradient);
    }
    return i;
}

int all_finite(const double *numbers, long long count)
{
    for (long long i = 0; i < count; i++)
        if (!isfinite(numbers[i])) return 0;
    return 1;
}

/* What a function reads besides its arguments, as it was when it was recorded (`replay/snapshot.py`). */
struct watched {
    long long objects, attributes, entries, lists, dicts;
    void **object, **type;
    void **owner, **name, **attribute;
    void **mapping, **key, **entry;
    void **list, **element, **dict, **content; /* the content: key, value, key, value, … */
    const long long *length, *size;
};

/* Look each thing up, and tell whether it is the one that was there. */
static int are_there(long long count, void *(*look_up)(void *, void *), void **in, void **names, void **before)
{
    for (long long i = 0; i < count; i++) {
        void *now = look_up(in[i], names[i]);
        if (!now) python.no_error();
        else python.drop(now);
        if (now != before[i]) return 0;
    }
    return 1;
}

/* Tell whether the same objects stand in the same places. */
int all_same(const struct watched *w)
{
    void **before = w->element, *key, *value;
    for (long long i = 0; i < w->objects; i++)
        if (SLOT(w->object[i], python.type) != w->type[i]) return 0;
    if (!are_there(w->attributes, python.attribute, w->owner, w->name, w->attribute)) return 0;
    if (!are_there(w->entries, python.entry, w->mapping, w->key, w->entry)) return 0;
    for (long long i = 0; i < w->lists; i++) {
        if (python.size_of_list(w->list[i]) != w->length[i]) return 0;
        for (long long k = 0; k < w->length[i]; k++)
            if (python.in_list(w->list[i], k) != *before++) return 0;
    }
    before = w->content;
    for (long long i = 0; i < w->dicts; i++) {
        if (python.size_of_dict(w->dict[i]) != w->size[i]) return 0;
        for (long long place = 0; python.next_in_dict(w->dict[i], &place, &key, &value);)
            if (key != *before++ || value != *before++) return 0;
    }
    return 1;
}
