/*
 * Linker sets: how a component makes itself known.
 *
 * LINKSET(set, object) puts a pointer to object into section "set_<set>", which
 * the linker script keeps; LINKSET_FOREACH walks the pointers of all components
 * in the image.  What is not baked in is not in the set.
 */
#ifndef RR_LINKSET_H
#define RR_LINKSET_H

#include "types.h"

#define LINKSET(set, object)                                                   \
	static const void *const set##_entry_##object                          \
	    __attribute__((section("set_" #set), used)) = &(object)

#define LINKSET_DECLARE(set)                                                   \
	extern const void *const __start_set_##set[];                          \
	extern const void *const __stop_set_##set[]

#define LINKSET_FOREACH(set, var)                                              \
	for (const void *const *p_##var = __start_set_##set; ({                \
		     if (p_##var < __stop_set_##set)                           \
			     var = (__typeof__(var))*p_##var;                  \
		     p_##var < __stop_set_##set;                               \
	     });                                                               \
	     p_##var++)

/*
 * Start-up, in the order of the levels; within a level the order is that of the
 * link.  All run in the first kernel thread, may sleep, and must not wait for
 * hardware longer than 10 ms.
 */
enum init_level {
	INIT_CORE,   /* kernel services that need only memory and threads */
	INIT_FS,     /* file system types, root file system */
	INIT_BUS,    /* buses and device drivers: discovery */
	INIT_NET,    /* protocol stacks */
	INIT_CONFIG, /* what the configuration document asks for: mounts, addresses */
	INIT_LEVELS
};

struct init_entry {
	enum init_level level;
	void (*fn)(void);
	const char *name;
};

#define INITCALL(lvl, function)                                                \
	static const struct init_entry init_##function = {lvl, function,       \
							  #function};          \
	LINKSET(init, init_##function)

#endif
