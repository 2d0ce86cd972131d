/* stat, statm, status, limits of a process. */
#include "private.h"
#include "path.h"

/* What all of them look at, taken at one moment. */
struct facts {
	struct process *p;
	struct vm_space *vm; /* NULL: it has ended, or is the kernel */
	struct usage usage;
	int ppid, pgid, sid;
	char state;
	char name[16];
	u64 pending, shared_pending, blocked, ignored, caught;
	/* Of the thread; the defaults, where it has ended. */
	struct sched_how how;
	unsigned cpu; /* where it runs, or ran last */
	u64 affinity; /* CPUs that are there, a bit each */
	u32 umask;
};

static void take_signals(struct facts *f, const struct thread *th)
{
	struct process *p = f->p;
	u64 flags = spin_lock_irqsave(&p->lock);

	f->shared_pending = p->pending.set;
	f->umask = p->fs ? READ_ONCE(p->fs->umask) : 0;
	if (th) {
		f->pending = th->pending.set;
		memcpy(&f->blocked, &th->sig_mask, sizeof(f->blocked));
	}
	for (int sig = 1; p->actions && sig <= SIGNAL_MAX; sig++) {
		__sighandler_t h = p->actions->action[sig - 1].sa_handler;

		if (h == SIG_IGN)
			f->ignored |= SIGNAL_BIT(sig);
		else if (h != SIG_DFL)
			f->caught |= SIGNAL_BIT(sig);
	}
	spin_unlock_irqrestore(&p->lock, flags);
}

static void take_thread(struct facts *f, struct thread *th, bool alone)
{
	if (alone) {
		f->state = thread_state_letter(th);
		f->usage.cpu_time = thread_cpu_time(th);
	}
	f->usage.switches_voluntary = th->switches_voluntary;
	f->usage.switches_forced = th->switches_forced;
	f->how = thread_how(th);
	f->cpu = READ_ONCE(th->cpu)->id;
	f->affinity = READ_ONCE(th->affinity);
	strlcpy(f->name, th->name, sizeof(f->name));
}

static bool take(struct facts *f, const struct proc_ctx *c)
{
	struct thread *th;

	memset(f, 0, sizeof(*f));
	f->affinity = ~0ull;
	th = process_find_thread(c->tid ? c->tid : c->pid, NULL);
	if (c->tid && !th)
		return false;
	f->p = proc_process(c);
	if (!f->p) {
		if (th)
			thread_put(th);
		return false;
	}
	f->vm = process_get_vm(f->p);
	process_usage(f->p, &f->usage);
	mutex_lock(&process_lock);
	f->ppid = f->p->parent ? f->p->parent->pid : 0;
	f->pgid = f->p->pgid;
	f->sid = f->p->sid;
	mutex_unlock(&process_lock);
	f->state = process_state(f->p);
	strlcpy(f->name, f->p->name, sizeof(f->name));
	if (th)
		take_thread(f, th, c->tid);
	f->affinity &= platform_cpus_mask();
	take_signals(f, th);
	if (th)
		thread_put(th);
	return true;
}

static void drop(struct facts *f)
{
	if (f->vm)
		vm_put(f->vm);
	process_put(f->p);
}

/* What Linux shows of a priority: 20 and the nice value, or below -1. */
static int shown_priority(const struct sched_how *how)
{
	return how->rt_priority ? -1 - how->rt_priority : 20 + how->nice;
}

/* proc(5), /proc/pid/stat: 52 fields. */
void show_pid_stat(struct text *t, const struct proc_ctx *c)
{
	struct facts f;
	struct vm_space none, *vm;
	struct usage *kids;

	if (!take(&f, c))
		return;
	memset(&none, 0, sizeof(none));
	vm = f.vm ? f.vm : &none;
	kids = &f.p->children_usage;
	text_add(t, "%d (%s) %c %d %d %d 0 -1 4194304 ",
		 c->tid ? c->tid : c->pid, f.name, f.state, f.ppid, f.pgid,
		 f.sid);
	text_add(t, "%lu %lu %lu %lu ", f.usage.minor_faults,
		 kids->minor_faults, f.usage.major_faults, kids->major_faults);
	/* utime stime cutime cstime: one clock runs for both kinds. */
	text_add(t, "%lu 0 %lu 0 %d %d %u 0 %lu ",
		 f.usage.cpu_time / NSEC_PER_TICK,
		 kids->cpu_time / NSEC_PER_TICK, shown_priority(&f.how),
		 f.how.nice,
		 READ_ONCE(f.p->thread_count),
		 f.p->start_time / NSEC_PER_TICK);
	text_add(t, "%lu %lu %lu %lu %lu %lu 0 0 ",
		 vm->total_pages * PAGE_SIZE, READ_ONCE(vm->rss),
		 (u64)f.p->limits[RLIMIT_RSS].rlim_cur, vm->code_start,
		 vm->code_end, vm->stack_top);
	text_add(t, "%lu %lu %lu %lu 0 0 0 %d %u %d %d 0 0 0 ",
		 (f.pending | f.shared_pending) & INT32_MAX,
		 f.blocked & INT32_MAX, f.ignored & INT32_MAX,
		 f.caught & INT32_MAX, SIGCHLD, f.cpu, f.how.rt_priority,
		 f.how.policy);
	text_add(t, "%lu %lu %lu %lu %lu %lu %lu %d\n", vm->data_start,
		 vm->data_end, vm->brk_start, vm->arg_start, vm->arg_end,
		 vm->env_start, vm->env_end, 0);
	drop(&f);
}

/* size resident shared text lib data dt, in pages. */
void show_pid_statm(struct text *t, const struct proc_ctx *c)
{
	struct process *p = proc_process(c);
	struct vm_space *vm = p ? process_get_vm(p) : NULL;
	u64 rss, anon, code;

	if (vm) {
		rss = READ_ONCE(vm->rss);
		anon = READ_ONCE(vm->rss_anon);
		code = (PAGE_UP(vm->code_end) - PAGE_DOWN(vm->code_start)) >>
		       PAGE_SHIFT;
		text_add(t, "%lu %lu %lu %lu 0 %lu 0\n", vm->total_pages, rss,
			 rss > anon ? rss - anon : 0, code,
			 vm->data_pages + vm->stack_pages);
		vm_put(vm);
	} else if (p) {
		text_add(t, "0 0 0 0 0 0 0\n");
	}
	if (p)
		process_put(p);
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 'Z':
		return "Z (zombie)";
	default:
		return "S (sleeping)";
	}
}

static void show_memory(struct text *t, const struct vm_space *vm)
{
#define KB(pages) ((pages) * (PAGE_SIZE / 1024))
	u64 rss = READ_ONCE(vm->rss), anon = READ_ONCE(vm->rss_anon);
	u64 peak = MAX(READ_ONCE(vm->max_rss), rss);

	text_add(t, "VmPeak:\t%8lu kB\n", KB(vm->max_pages));
	text_add(t, "VmSize:\t%8lu kB\n", KB(vm->total_pages));
	text_add(t, "VmLck:\t%8lu kB\n", KB(vm->locked_pages));
	text_add(t, "VmPin:\t%8lu kB\n", 0ul);
	text_add(t, "VmHWM:\t%8lu kB\n", KB(peak));
	text_add(t, "VmRSS:\t%8lu kB\n", KB(rss));
	text_add(t, "RssAnon:\t%8lu kB\n", KB(anon));
	text_add(t, "RssFile:\t%8lu kB\n", KB(rss > anon ? rss - anon : 0));
	text_add(t, "RssShmem:\t%8lu kB\n", 0ul);
	text_add(t, "VmData:\t%8lu kB\n", KB(vm->data_pages));
	text_add(t, "VmStk:\t%8lu kB\n", KB(vm->stack_pages));
	text_add(t, "VmExe:\t%8lu kB\n", KB(vm->exec_pages));
	text_add(t, "VmLib:\t%8lu kB\n", 0ul);
	text_add(t, "VmPTE:\t%8lu kB\n", KB(vm->pmap.tables));
	text_add(t, "VmSwap:\t%8lu kB\n", 0ul);
#undef KB
}

static void show_ids(struct text *t, const struct process *p)
{
	text_add(t, "Uid:\t%u\t%u\t%u\t%u\n", p->uid, p->euid, p->suid,
		 p->fsuid);
	text_add(t, "Gid:\t%u\t%u\t%u\t%u\n", p->gid, p->egid, p->sgid,
		 p->fsgid);
	text_add(t, "FDSize:\t64\nGroups:\t");
	for (unsigned i = 0; i < p->ngroups; i++)
		text_add(t, "%u ", p->groups[i]);
	text_add(t, "\n");
}

/* "0-2,5" */
static void show_cpu_list(struct text *t, u64 cpus)
{
	const char *comma = "";

	for (unsigned i = 0, end; i < MAX_CPUS; i = end + 1) {
		end = i;
		if (!(cpus & BIT(i)))
			continue;
		while (end + 1 < MAX_CPUS && (cpus & BIT(end + 1)))
			end++;
		text_add(t, end > i ? "%s%u-%u" : "%s%u", comma, i, end);
		comma = ",";
	}
	text_add(t, "\n");
}

static void show_rights(struct text *t, const struct facts *f)
{
	const struct process *p = f->p;

	text_add(t, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n",
		 p->cap_inheritable, p->cap_permitted, p->cap_effective);
	text_add(t, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", p->cap_bounding,
		 p->cap_ambient);
	text_add(t, "NoNewPrivs:\t%d\nSeccomp:\t0\n", p->no_new_privs);
	text_add(t, "Cpus_allowed:\t%lx\nCpus_allowed_list:\t", f->affinity);
	show_cpu_list(t, f->affinity);
}

void show_pid_status(struct text *t, const struct proc_ctx *c)
{
	struct facts f;

	if (!take(&f, c))
		return;
	text_add(t, "Name:\t%s\n", f.name);
	if (f.p->fs)
		text_add(t, "Umask:\t%04o\n", f.umask);
	text_add(t, "State:\t%s\n", state_name(f.state));
	text_add(t, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n", c->pid,
		 c->tid ? c->tid : c->pid, f.ppid);
	text_add(t, "TracerPid:\t0\n");
	show_ids(t, f.p);
	if (f.vm)
		show_memory(t, f.vm);
	text_add(t, "Threads:\t%u\n", READ_ONCE(f.p->thread_count));
	text_add(t, "SigQ:\t%u/%lu\n", READ_ONCE(f.p->sig_queued),
		 (u64)f.p->limits[RLIMIT_SIGPENDING].rlim_cur);
	text_add(t, "SigPnd:\t%016lx\nShdPnd:\t%016lx\n", f.pending,
		 f.shared_pending);
	text_add(t, "SigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		 f.blocked, f.ignored, f.caught);
	show_rights(t, &f);
	text_add(t, "voluntary_ctxt_switches:\t%lu\n",
		 f.usage.switches_voluntary);
	text_add(t, "nonvoluntary_ctxt_switches:\t%lu\n",
		 f.usage.switches_forced);
	drop(&f);
}

static void show_limit(struct text *t, u64 v)
{
	if (v == RLIM64_INFINITY)
		text_add(t, "%-20s ", "unlimited");
	else
		text_add(t, "%-20lu ", v);
}

void show_pid_limits(struct text *t, const struct proc_ctx *c)
{
	static const struct {
		const char *name, *unit;
	} limits[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = {"Max cpu time", "seconds"},
		[RLIMIT_FSIZE] = {"Max file size", "bytes"},
		[RLIMIT_DATA] = {"Max data size", "bytes"},
		[RLIMIT_STACK] = {"Max stack size", "bytes"},
		[RLIMIT_CORE] = {"Max core file size", "bytes"},
		[RLIMIT_RSS] = {"Max resident set", "bytes"},
		[RLIMIT_NPROC] = {"Max processes", "processes"},
		[RLIMIT_NOFILE] = {"Max open files", "files"},
		[RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
		[RLIMIT_AS] = {"Max address space", "bytes"},
		[RLIMIT_LOCKS] = {"Max file locks", "locks"},
		[RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
		[RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
		[RLIMIT_NICE] = {"Max nice priority", ""},
		[RLIMIT_RTPRIO] = {"Max realtime priority", ""},
		[RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
	};
	struct process *p = proc_process(c);

	if (!p)
		return;
	text_add(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		 "Hard Limit", "Units");
	for (size_t i = 0; i < RLIM_NLIMITS; i++) {
		text_add(t, "%-25s ", limits[i].name);
		show_limit(t, p->limits[i].rlim_cur);
		show_limit(t, p->limits[i].rlim_max);
		text_add(t, "%-10s\n", limits[i].unit);
	}
	process_put(p);
}
