
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
