/* Processes: making them, looking at them. */
#include "private.h"
#include "page.h"
#include "refs.h"
#include "string.h"
#include <linux/capability.h>
#include "file.h"

struct mutex process_lock = MUTEX_INIT(process_lock);

#define ALL_CAPABILITIES (BIT(CAP_LAST_CAP + 1) - 1)

struct process kernel_process;

/* All that are not infinite. */
static const struct {
	u8 resource;
	u32 soft;
	u64 hard;
} limits[] = {
	{RLIMIT_STACK, 8 << 20, RLIM64_INFINITY},
	{RLIMIT_CORE, 0, RLIM64_INFINITY},
	{RLIMIT_NOFILE, 16384, 1048576},
	{RLIMIT_MEMLOCK, 8 << 20, 8 << 20},
	{RLIMIT_MSGQUEUE, 819200, 819200},
	{RLIMIT_NICE, 0, 0},
	{RLIMIT_RTPRIO, 0, 0},
};

static void prepare(struct process *p)
{
	p->refs = 1;
	spin_init(&p->lock);
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->threads);
	sigpending_init(&p->pending);
	waitq_init(&p->signal_wait);
	waitq_init(&p->stop_wait);
	waitq_init(&p->child_wait);
}

/*
 * What programs inherit. Limits as on Linux, but for the number of open files:
 * a server owns the machine, so it need not ask for many connections first.
 * RLIMIT_NPROC and RLIMIT_SIGPENDING follow from the memory (limits.c).
 */
void process_init(void)
{
	struct process *p = &kernel_process;

	prepare(p);
	p->pid = p->pgid = p->sid = 1;
	for (size_t i = 0; i < ARRAY_SIZE(p->limits); i++)
		p->limits[i].rlim_cur = p->limits[i].rlim_max = RLIM64_INFINITY;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit64 *l = &p->limits[limits[i].resource];

		l->rlim_cur = limits[i].soft;
		l->rlim_max = limits[i].hard;
	}
	p->cap_effective = p->cap_permitted = p->cap_bounding =
		ALL_CAPABILITIES;
	strlcpy(p->name, "kernel", sizeof(p->name));
	p->exe = "";
	p->dumpable = 1;
}

struct process *process_alloc(const struct process *model)
{
	struct process *p = kzalloc(sizeof(*p), 0);

	if (!p)
		return NULL;
	p->actions = kzalloc(sizeof(*p->actions), 0);
	if (!p->actions) {
		kfree(p);
		return NULL;
	}
	prepare(p);
	p->pgid = model->pgid;
	p->sid = model->sid;
	memcpy(p->limits, model->limits, sizeof(p->limits));
	p->uid = model->uid;
	p->euid = model->euid;
	p->suid = model->suid;
	p->fsuid = model->fsuid;
	p->gid = model->gid;
	p->egid = model->egid;
	p->sgid = model->sgid;
	p->fsgid = model->fsgid;
	p->ngroups = model->ngroups;
	memcpy(p->groups, model->groups, sizeof(p->groups));
	p->cap_effective = model->cap_effective;
	p->cap_permitted = model->cap_permitted;
	p->cap_inheritable = model->cap_inheritable;
	p->cap_bounding = model->cap_bounding;
	p->cap_ambient = model->cap_ambient;
	p->securebits = model->securebits;
	p->no_new_privs = model->no_new_privs;
	p->thp_disabled = model->thp_disabled;
	p->personality = model->personality;
	strlcpy(p->name, model->name, sizeof(p->name));
	p->exe = model->exe;
	p->program = model->program;
	p->load_bias = model->load_bias;
	p->dumpable = model->dumpable;
	p->start_time = now_ns();
	return p;
}

void process_discard(struct process *p)
{
	kfree(p->actions);
	kfree(p);
}

void process_get(struct process *p)
{
	ref_get(&p->refs);
}

void process_put(struct process *p)
{
	if (ref_put(&p->refs))
		process_discard(p);
}

int process_add(struct process *p, struct process *parent)
{
	int err;

	mutex_lock(&process_lock);
	p->parent = parent; /* whoever finds p finds it complete */
	err = id_add_process(p);
	if (!err)
		list_append(&parent->children, &p->sibling);
	mutex_unlock(&process_lock);
	return err;
}

struct vm_space *process_get_vm(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	struct vm_space *vm = p->vm;

	if (vm)
		vm_get(vm);
	spin_unlock_irqrestore(&p->lock, flags);
	return vm;
}

struct fdtable *process_get_files(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	struct fdtable *files = p->files;

	if (files)
		fdtable_get(files);
	spin_unlock_irqrestore(&p->lock, flags);
	return files;
}

char thread_state_letter(struct thread *t)
{
	switch (READ_ONCE(t->state)) {
	case THREAD_RUNNABLE:
		return 'R';
	case THREAD_INTERRUPTIBLE:
		return 'S';
	case THREAD_SLEEPING:
		return 'D';
	case THREAD_STOPPED:
		return 'T';
	case THREAD_DEAD:
		break;
	}
	return 'X';
}

char process_state(struct process *p)
{
	char state = 'Z';
	u64 flags;

	if (p->zombie)
		return state;
	if (READ_ONCE(p->stopped))
		return 'T';
	if (p == &kernel_process)
		return 'S';
	/* That of the first thread, as the main one is on Linux. */
	flags = spin_lock_irqsave(&p->lock);
	if (!list_empty(&p->threads))
		state = thread_state_letter(list_first(
			&p->threads, struct thread, process_link));
	spin_unlock_irqrestore(&p->lock, flags);
	return state;
}

/* Kernel threads have the kernel's limits and rights. */
static const struct process *actor(void)
{
	const struct process *p = current_process();

	return p ? p : &kernel_process;
}

u64 process_limit(int resource)
{
	return READ_ONCE(actor()->limits[resource].rlim_cur);
}

bool capable(int cap)
{
	return actor()->cap_effective & BIT(cap);
}

bool process_in_group(u32 gid)
{
	const struct process *p = actor();

	if (p->egid == gid)
		return true;
	for (unsigned i = 0; i < p->ngroups; i++)
		if (p->groups[i] == gid)
			return true;
	return false;
}

bool process_may_control(struct process *p)
{
	const struct process *me = actor();

	return p == me || me->euid == p->suid || me->euid == p->uid ||
	       me->uid == p->suid || me->uid == p->uid || capable(CAP_KILL);
}
