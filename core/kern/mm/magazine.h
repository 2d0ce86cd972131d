/*
 * Between the heap (heap.c) and the magazines in front of it, which images for
 * several CPUs have (smp/magazine.c).
 */
#ifndef RR_MM_MAGAZINE_H
#define RR_MM_MAGAZINE_H

#include "types.h"

/*
 * Size classes that have magazines: the objects of up to 512 bytes.  Larger ones are
 * asked for less often, and more memory would be kept.
 */
#define MAGAZINE_CLASSES 11u

/* Several CPUs run, and have some. */
extern bool heap_magazines;
/* An object that this CPU has, or gets from the heap; NULL.  Any context. */
void *magazine_take(unsigned class) __weak;
/* Keep obj for the next who takes one; false: there is no magazine. */
bool magazine_put(unsigned class, void *obj) __weak;

/* The heap itself: at most n at once, and how many there were.  And back. */
unsigned heap_take_some(unsigned class, void **obj, unsigned n);
void heap_put_some(void *const *obj, unsigned n);

#endif
