/* Spin locks for the code that is compiled for size: spinlock.h. */
#define SPIN_INLINE __lockfunc
#include "spinlock.h"
