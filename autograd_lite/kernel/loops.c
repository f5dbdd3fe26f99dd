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

/*FUNCTIONS*/

/*LAYERS*/
/* ---------------------------------------------------------------------------------------- the rows of the table */

typedef void value_function(long lanes, double *out, const double *const *a);
typedef void partial_function(long lanes, double *to, const double *grad, const double *out, const double *const *a);

#define VALUE(name, value) \
    static void name(long lanes, double *out, const double *const *a) { LANES out[l] = value; }
#define PARTIAL(name, partial) \
    static void name(long lanes, double *to, const double *grad, const double *out, const double *const *a) \
    { LANES to[l] += grad[l] * (partial); }

/*LANES*/
static const struct row {
    const char *kinds; /* of operands and settings: * for a list, . for a number */
    int operands, lists, numbers; /* how many: without settings; lists; numbers, settings and all */
    value_function *value, *step; /* of a fold: the start, and the step */
    partial_function *partials[OPERANDS]; /* by an operand, or by an entry of it */
    double (*value_of_lists)(const double *xs, long n); /* or, of all operands at once, */
    void (*partials_of_lists)(double out, const double *xs, long n, double *slopes);
} table[] = {
/*TABLE*/
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
/*FORWARD*/
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
/*BACKWARD*/
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
    const double *a[OPERANDS];
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
    const double *a[OPERANDS];
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
/*COMPARISONS*/
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
