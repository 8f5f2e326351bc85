// Results of libgcc and libm as hexadecimal lines: floats, doubles, whole numbers, in the order of the test.
// The operands are volatile, so that the compiler does not compute anything itself.

#include <math.h>

#include "sim.h"

#define f say_float
#define d say_double
#define i say_integer

int main(void) {
    volatile float x = 1.75f, y = 2.25f;
    volatile double p = 1.7, q = -2.3;
    volatile long long j = -1234567890123LL, k = 987654LL;

    f(x / y), f(sqrtf(x)), f(powf(x, y)), f(sinf(x)), f(cosf(y)), f(tanf(x)), f(expf(y)), f(logf(x)), f(log10f(x));
    f(atan2f(x, y)), f(tanhf(x)), f(ldexpf(x, 3)), f(cbrtf(x)), f(fmodf(y, x)), f(hypotf(x, y)), f(floorf(-x));
    f(roundf(y)), f(tgammaf(x)), f((float)j), f((float)p);

    d(p / q), d(p * q), d(p + q), d(p - q), d(sqrt(p)), d(pow(p, q)), d(sin(p)), d(cos(q)), d(exp(p)), d(log(p));
    d(atan2(p, q)), d(fmod(q, p)), d((double)j), d((double)x), d(erf(p)), d(floor(q));

    i(j / k), i(j % k), i(j * k), i((unsigned long long)j / 77u), i(j >> 5), i((long long)(p * 1e9));
    i(__builtin_popcountll(j)), i(__builtin_clzll(k)), i(p < q), i(p > q);
    return 0;
}
