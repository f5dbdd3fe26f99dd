/* ------------------------------------------------------------------------------------------------ sums over rows */

INLINE group all(double x)
{
    return (group){x, x, x, x, x, x, x, x};
}

/* Add the first `count` lanes of a group to eight partial sums. */
INLINE group added(group sum, group terms, long count)
{
    const mask lane = {0, 1, 2, 3, 4, 5, 6, 7};
    return count >= GROUP ? sum + terms : sum + (group)((mask)terms & (lane < count));
}

static void add_line(double *partial, const double *line, long rows)
{
    group sum = *(group *)partial;
    for (long l = 0; l < rows; l += GROUP) sum = added(sum, *(const group *)(line + l), rows - l);
    *(group *)partial = sum;
}

/* -------------------------------------------------------------------------------------------------- weighted sums */

/* The units of a layer, n inputs each: how they stand in the arrays. */
struct layer {
    long n, width;
    const int *inputs, *to; /* lines */
    const int *weights[UNITS]; /* numbers, n and a bias */
    double *partials[UNITS]; /* n and the bias's */
    double *near; /* the weights, those of one input after the other */
};

INLINE struct layer layer_of(const int units, const struct run *r, long i)
{
    const struct nodes *t = &r->each;
    struct layer layer = {(t->starts[i + 1] - t->starts[i] - 1) / 2, r->width};
    layer.inputs = t->operands + t->starts[i], layer.to = t->to + t->starts[i], layer.near = r->lists;
    for (int u = 0; u < units; u++) {
        layer.weights[u] = t->operands + t->starts[i + u] + layer.n;
        layer.partials[u] = r->partial + GROUP * ~t->to[t->starts[i + u] + layer.n];
    }
    for (long k = 0; k < layer.n; k++)
        for (int u = 0; u < units; u++) layer.near[units * k + u] = r->numbers[layer.weights[u][k]];
    return layer;
}

INLINE void weigh(const int units, const struct run *r, long i, long lanes)
{
    const struct layer layer = layer_of(units, r, i);
    const double *v = r->v;
    double *out = r->v + layer.width * (r->each.first + i);
    for (long l = 0; l < lanes; l += GROUP) {
        group sum[UNITS];
        for (int u = 0; u < units; u++) sum[u] = all(r->numbers[layer.weights[u][layer.n]]);
        for (long k = 0; k < layer.n; k++) {
            const group x = *(const group *)(v + layer.width * layer.inputs[k] + l);
            for (int u = 0; u < units; u++) sum[u] = sum[u] + layer.near[units * k + u] * x;
        }
        for (int u = 0; u < units; u++) *(group *)(out + layer.width * u + l) = sum[u];
    }
}

/* Each input gets its share of each unit's gradient, the last unit's first; each weight its sum over the rows. */
INLINE void weigh_back(const int units, const struct run *r, long i, long lanes, long rows)
{
    const struct layer layer = layer_of(units, r, i);
    const double *grad = r->g + layer.width * (r->each.first + i);
    for (int u = 0; u < units; u++) add_line(layer.partials[u] + GROUP * layer.n, grad + layer.width * u, rows);
    for (long k = 0; k < layer.n; k++) {
        const double *x = r->v + layer.width * layer.inputs[k];
        double *dx = r->g + layer.width * layer.to[k];
        group sum[UNITS], weight[UNITS];
        for (int u = 0; u < units; u++) {
            sum[u] = *(group *)(layer.partials[u] + GROUP * k);
            weight[u] = all(layer.near[units * k + u]);
        }
#define SHARES(sum_of) \
        { \
            group share = *(group *)(dx + l); \
            for (int u = units - 1; u >= 0; u--) { \
                const group slope = *(const group *)(grad + layer.width * u + l); \
                sum[u] = sum_of(sum[u], slope * *(const group *)(x + l)); \
                share = share + slope * weight[u]; \
            } \
            *(group *)(dx + l) = share; \
        }
#define WHOLE(sum, terms) sum + terms
#define FIRST(sum, terms) added(sum, terms, rows - l)
        long l = 0;
        for (; l + GROUP <= rows; l += GROUP) SHARES(WHOLE)
        if (l < rows) SHARES(FIRST)
        for (int u = 0; u < units; u++) *(group *)(layer.partials[u] + GROUP * k) = sum[u];
    }
}

